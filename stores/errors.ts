/** A store did not respond in time, or refused. The caller decides whether to retry, serve what it has, or give up. */
export class StoreUnavailable extends Error {
  override readonly name: string = 'StoreUnavailable';
}

/** A store left a part of a request undone because it is too busy. The same request may succeed a moment later. */
export class StoreThrottled extends StoreUnavailable {
  override readonly name = 'StoreThrottled';
}

/** An item with this key exists already; nothing was written. */
export class AlreadyExists extends Error {
  override readonly name = 'AlreadyExists';
}

/** A stored item does not have the shape that its schema declares. */
export class DamagedItem extends Error {
  override readonly name = 'DamagedItem';
}
