/**
 * Caches the results of `compute` by key in two generations: when the young one is full, it becomes the old one, and
 * the previous old one is dropped. Recently used keys survive, a hit costs one map lookup, and the cache holds at most
 * `2 × size` results.
 */
export function memoize<K extends string | number, V>(size: number, compute: (key: K) => V): (key: K) => V {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  function remember(key: K, value: V): V {
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
    return value;
  }
  return (key) => {
    const known = young.get(key);
    if (known !== undefined) return known;
    const older = old.get(key);
    return remember(key, older === undefined ? compute(key) : older);
  };
}
