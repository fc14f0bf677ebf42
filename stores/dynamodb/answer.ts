import { StoreUnavailable } from '../errors.ts';

/** The answer, or {@link StoreUnavailable} saying what it would have been. */
export async function answerOf<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new StoreUnavailable(`${what}: the rollups table did not answer`, { cause });
  }
}
