interface Line<Item> {
  items: Item[]
  /** Index of the first item: lines are walked by an index. */
  from: number
}

/** Items waiting, in order, for a session of their account. */
export class WaitingLines<Item extends { readonly systemId: string }> {
  readonly #lines = new Map<string, Line<Item>>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Lists the accounts with waiting items. */
  accounts(): string[] {
    return [...this.#lines.keys()]
  }

  has(systemId: string): boolean {
    return this.#lines.has(systemId)
  }

  add(item: Item): void {
    const line = this.#lines.get(item.systemId)
    if (line === undefined) this.#lines.set(item.systemId, { items: [item], from: 0 })
    else line.items.push(item)
    this.#count++
  }

  /** Puts items that were already sent before all others of the account. */
  putBack(systemId: string, items: readonly Item[]): void {
    if (items.length === 0) return
    const line = this.#lines.get(systemId)
    const others = line === undefined ? [] : line.items.slice(line.from)
    this.#lines.set(systemId, { items: items.concat(others), from: 0 })
    this.#count += items.length
  }

  /** Passes the account's items in order until `send` returns false. */
  drain(systemId: string, send: (item: Item) => boolean): void {
    const line = this.#lines.get(systemId)
    if (line === undefined) return
    while (line.from < line.items.length && send(line.items[line.from] as Item)) {
      line.from++
      this.#count--
    }
    if (line.from === line.items.length) this.#lines.delete(systemId)
    else if (line.from > 10_000) {
      line.items = line.items.slice(line.from)
      line.from = 0
    }
  }
}
