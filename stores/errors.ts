/** A store did not answer in time or refused; the caller decides whether to retry, serve what it has, or give up. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** An item with this key exists already; nothing was written. */
export class AlreadyExists extends Error {
  override readonly name = 'AlreadyExists';
}

/** An item of the table does not have the shape that its schema demands. */
export class DamagedItem extends Error {
  override readonly name = 'DamagedItem';
}
