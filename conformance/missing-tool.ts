/** Thrown if this machine lacks what a check needs. The message says what to install. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool';
}

/** Runs a check that returns the number of its findings. The process exits with 1 if there are any, or a tool is missing. */
export async function runCheck(check: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = (await check()) === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
