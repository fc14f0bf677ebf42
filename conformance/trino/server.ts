import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { freePort } from '../../local/backends/dynoxide.ts';
import { MissingTool } from '../missing-tool.ts';

export const version = '476';
const oldestJava = 24;

export interface Trino {
  /** Runs a statement. Values are text, as Athena returns them. @throws {Error} with Trino's message */
  rows: (sql: string, parameters?: readonly string[]) => Promise<(string | null)[][]>;
  stop: () => Promise<void>;
}

/**
 * Starts Trino with a Hive catalog over an S3 endpoint.
 * @throws {MissingTool} if Java or Maven is missing, or the server cannot be downloaded
 */
export async function startTrino({ endpoint }: { endpoint: string }): Promise<Trino> {
  const java = findJava();
  const home = install();
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-trino-'));
  const port = await freePort();
  writeConfiguration({ directory, home, port, endpoint });
  const server = spawn(
    java,
    [
      '-Xmx2G',
      '-Duser.timezone=UTC',
      '--add-modules=jdk.incubator.vector',
      '-Dconfig=etc/config.properties',
      '-Dlog.levels-file=etc/log.properties',
      '-cp',
      path.join(home, 'lib', '*'),
      'io.trino.server.TrinoServer',
    ],
    { cwd: directory, stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  async function stop(): Promise<void> {
    if (server.exitCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  }
  try {
    await waitUntilStarted(url, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { rows: (sql, parameters = []) => run(url, withParameters(sql, parameters)), stop };
}

/** @throws {MissingTool} */
function findJava(): string {
  const homes = [process.env['JAVA_HOME'], ...globSync('/usr/lib/jvm/*')].flatMap((home) => home ?? []);
  const found = ['java', ...homes.map((home) => path.join(home, 'bin', 'java'))].find(
    (java) =>
      Number(/version "(\d+)/.exec(spawnSync(java, ['-version'], { encoding: 'utf8' }).stderr ?? '')?.[1]) >=
      oldestJava,
  );
  if (!found)
    throw new MissingTool(`Trino ${version} needs Java ${oldestJava} or later. Install it and set JAVA_HOME.`);
  return found;
}

/**
 * Unpacks the server from Maven Central into node_modules/.cache, once, and returns its folder.
 * @throws {MissingTool}
 */
function install(): string {
  const cache = path.join(import.meta.dirname, '..', '..', 'node_modules', '.cache');
  const home = path.join(cache, `trino-server-${version}`);
  if (existsSync(path.join(home, 'complete'))) return home;
  const artifact = `io.trino:trino-server:${version}:tar.gz`;
  console.log(`Downloading ${artifact} (800 MB) …`);
  const download = spawnSync(
    'mvn',
    [
      '-q',
      '-B',
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get',
      `-Dartifact=${artifact}`,
      '-Dtransitive=false',
    ],
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
  if (download.error) throw new MissingTool('Trino is downloaded with Maven. Install `mvn`.');
  if (download.status !== 0) throw new MissingTool(`Maven could not download ${artifact}. Check the network.`);
  mkdirSync(cache, { recursive: true });
  const archive = path.join(
    homedir(),
    '.m2',
    'repository',
    'io',
    'trino',
    'trino-server',
    version,
    `trino-server-${version}.tar.gz`,
  );
  if (spawnSync('tar', ['-xzf', archive, '-C', cache]).status !== 0)
    throw new MissingTool(`tar could not unpack ${archive}.`);
  // Plugins share files as hard links, so all are unpacked before all but one are deleted.
  for (const plugin of globSync(path.join(home, 'plugin', '*')))
    if (path.basename(plugin) !== 'hive') rmSync(plugin, { recursive: true });
  writeFileSync(path.join(home, 'complete'), '');
  return home;
}

interface Configuration {
  directory: string;
  home: string;
  port: number;
  endpoint: string;
}

function writeConfiguration({ directory, home, port, endpoint }: Configuration): void {
  for (const folder of ['etc/catalog', 'metastore']) mkdirSync(path.join(directory, folder), { recursive: true });
  symlinkSync(path.join(home, 'plugin'), path.join(directory, 'plugin'));
  const files = {
    'etc/log.properties': ['io.trino=WARN'],
    'etc/config.properties': [
      'node.environment=conformance',
      'node.internal-address=127.0.0.1',
      'node.bind-ip=127.0.0.1',
      'coordinator=true',
      'node-scheduler.include-coordinator=true',
      `http-server.http.port=${port}`,
      `discovery.uri=http://127.0.0.1:${port}`,
      `plugin.dir=${path.join(directory, 'plugin')}`,
      `catalog.config-dir=${path.join(directory, 'etc', 'catalog')}`,
      'query.max-memory=1GB',
      'query.max-memory-per-node=1GB',
    ],
    'etc/catalog/hive.properties': [
      'connector.name=hive',
      'hive.metastore=file',
      'hive.metastore.catalog.dir=local:///metastore',
      'hive.non-managed-table-writes-enabled=true',
      'hive.allow-register-partition-procedure=true',
      'hive.parquet.time-zone=UTC',
      'fs.native-local.enabled=true',
      `local.location=${directory}`,
      'fs.native-s3.enabled=true',
      `s3.endpoint=${endpoint}`,
      's3.region=us-east-1',
      's3.path-style-access=true',
      's3.aws-access-key=local',
      's3.aws-secret-key=local',
    ],
  };
  for (const [file, lines] of Object.entries(files)) writeFileSync(path.join(directory, file), `${lines.join('\n')}\n`);
}

const startsWithin = 180_000;

async function waitUntilStarted(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + startsWithin;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`Trino ended with exit code ${server.exitCode} while it started`);
    try {
      await run(url, 'SELECT 1');
      return;
    } catch {
      await sleep(1_000);
    }
  }
  throw new Error(`Trino did not start within ${startsWithin / 1000} s`);
}

/** Passes parameters as Athena does: positional, as SQL literals. */
function withParameters(sql: string, parameters: readonly string[]): string {
  if (parameters.length === 0) return sql;
  return `EXECUTE IMMEDIATE '${sql.replaceAll("'", "''")}' USING ${parameters.join(', ')}`;
}

const pageSchema = z.object({
  nextUri: z.string().optional(),
  data: z.array(z.array(z.unknown())).optional(),
  error: z.object({ errorName: z.string(), message: z.string() }).optional(),
});

async function run(url: string, sql: string): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  const headers = { 'x-trino-user': 'hopcount', 'x-trino-catalog': 'hive', 'x-trino-schema': 'hopcount' };
  let response = await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql });
  for (;;) {
    if (!response.ok) throw new Error(`Trino responded with ${response.status}`);
    const page = pageSchema.parse(parseExactly(await response.text()));
    if (page.error) throw new Error(`${page.error.errorName}: ${page.error.message}`);
    rows.push(...(page.data ?? []).map((row) => row.map(toText)));
    if (page.nextUri === undefined) return rows;
    response = await fetch(page.nextUri, { headers });
  }
}

const parseJson: (
  text: string,
  reviver: (key: string, value: unknown, context?: { source?: string }) => unknown,
) => unknown = JSON.parse;

/** Parses JSON with numbers as text: a 64-bit integer does not fit into a number. */
function parseExactly(text: string): unknown {
  return parseJson(text, (_key, value, context) => (typeof value === 'number' ? (context?.source ?? value) : value));
}

function toText(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
