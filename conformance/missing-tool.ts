/** Thrown if this machine lacks what a check needs. The message says what to install. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool';
}
