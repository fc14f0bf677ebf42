import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SecretModel } from '../template/model.ts';

export interface StoredSecret {
  name: string;
  arn: string;
  value: string;
}

export interface SecretStore {
  /** Returns the secret's value. Generates and stores it on first use. */
  valueOf: (secret: SecretModel) => string;
  /** Finds a secret that has a value, by name or ARN. */
  find: (id: string) => StoredSecret | undefined;
}

export function createSecretStore(file: string): SecretStore {
  const stored: StoredSecret[] = existsSync(file) ? storedSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
  return {
    valueOf: (secret) => {
      const present = stored.find((each) => each.arn === secret.arn);
      if (present) return present.value;
      const made = { name: secret.name, arn: secret.arn, value: generate(secret) };
      stored.push(made);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(stored, null, 2), { mode: 0o600 });
      return made.value;
    },
    find: (id) => stored.find((each) => each.arn === id || each.name === id),
  };
}

const storedSchema = z.array(z.object({ name: z.string(), arn: z.string(), value: z.string() }));

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function generate({ value }: SecretModel): string {
  if (value.kind === 'given') return value.text;
  const allowed = alphabet.split('').filter((character) => !value.excluded.includes(character));
  const text = Array.from({ length: value.length }, () => allowed[randomInt(allowed.length)]).join('');
  return value.json ? JSON.stringify({ ...value.json.template, [value.json.key]: text }) : text;
}
