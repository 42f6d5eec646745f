/** A list that keeps its newest items, and tells which of them are new. */
export interface Ring<T> {
  add(item: T): void;
  all(): T[];
  /** Those that came since the last call. */
  takeNew(): T[];
}

export function createRing<T>(most: number): Ring<T> {
  let items: T[] = [];
  let fresh = 0;
  const trim = (to: number): void => {
    items = items.slice(-to);
  };
  return {
    add(item) {
      items.push(item);
      fresh++;
      // Not each time: a shift would move all of them.
      if (items.length >= 2 * most) trim(most);
    },
    all() {
      if (items.length > most) trim(most);
      return items;
    },
    takeNew() {
      const count = Math.min(fresh, most, items.length);
      fresh = 0;
      return count === 0 ? [] : items.slice(-count);
    },
  };
}
