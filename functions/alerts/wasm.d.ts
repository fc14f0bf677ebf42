/** Bytes of a WebAssembly module, which the bundle holds. */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
