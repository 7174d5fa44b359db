const FIRST_PLACES = 1024

/**
 * Items sent by a session, by sequence number, until acknowledged. A ring indexed by the low bits of the number,
 * at least twice as long as its content: it grows when necessary and finds items without hashing.
 */
export class Unacknowledged<Item> {
  /** Sequence number at each position, 0 when free. */
  #sequences = new Int32Array(FIRST_PLACES)
  #items: (Item | undefined)[] = new Array(FIRST_PLACES).fill(undefined)
  #mask = FIRST_PLACES - 1
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Returns false when an older unacknowledged number occupies the position. */
  isFree(sequence: number): boolean {
    return this.#sequences[sequence & this.#mask] === 0
  }

  /** Adds an item under a number that `isFree`. */
  add(sequence: number, item: Item): void {
    const place = sequence & this.#mask
    this.#sequences[place] = sequence
    this.#items[place] = item
    this.#count++
    if (this.#count * 2 > this.#mask) this.#grow()
  }

  /** Removes a number and returns its item. */
  take(sequence: number): Item | undefined {
    const place = sequence & this.#mask
    if (sequence === 0 || this.#sequences[place] !== sequence) return undefined
    const item = this.#items[place]
    this.#sequences[place] = 0
    this.#items[place] = undefined
    this.#count--
    return item
  }

  /** Removes all items and returns them in the order sent. */
  takeAll(): Item[] {
    return [...this.#sequences]
      .filter((sequence) => sequence !== 0)
      .sort((a, b) => a - b)
      .map((sequence) => this.take(sequence) as Item)
  }

  #grow(): void {
    const sequences = this.#sequences
    const items = this.#items
    const places = sequences.length * 2
    this.#sequences = new Int32Array(places)
    this.#items = new Array(places).fill(undefined)
    this.#mask = places - 1
    // Positions that differed still differ with one more bit.
    for (let from = 0; from < sequences.length; from++) {
      const sequence = sequences[from] as number
      if (sequence === 0) continue
      this.#sequences[sequence & this.#mask] = sequence
      this.#items[sequence & this.#mask] = items[from]
    }
  }
}
