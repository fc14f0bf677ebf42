/** Sends a file to a signed address, and reports the share that is sent, from 0 to 1. */
export function uploadFile(url: string, file: Blob, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // fetch does not say how much of a body is sent.
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total));
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else reject(new Error(`The file wasn’t accepted (status ${request.status}). Try again.`));
    });
    request.addEventListener('error', () => reject(new Error('The upload was interrupted. Try again.')));
    request.open('PUT', url);
    request.send(file);
  });
}
