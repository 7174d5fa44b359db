import type { ImportReport } from '../../../members/contract.ts'
import { isRememberable } from '../cells/answers.ts'
import type { CellOfKey, GuessedCell } from '../cells/cells.ts'
import type { SaidCharter } from './charter.ts'

/** Maximum number of answers listed. */
const MAX_ANSWERED = 200

/** Counts the rows that each answer of the scheme was used for. */
export class AnsweredCells {
  readonly #byKey = new Map<string, CellOfKey & { rows: number }>()

  add(cells: readonly CellOfKey[]): void {
    for (const { kind, written, as } of cells) {
      const known = this.#byKey.get(`${kind} ${written}`)
      if (known === undefined) this.#byKey.set(`${kind} ${written}`, { kind, written, as, rows: 1 })
      else known.rows++
    }
  }

  /** Lists the answers, those of the most rows first. */
  listed(): NonNullable<ImportReport['answered']> {
    return [...this.#byKey.values()].sort((a, b) => b.rows - a.rows).slice(0, MAX_ANSWERED)
  }
}

/** Counts the rows that each guess was used for; a text that no answer is remembered for is left out. */
export class GuessedCells {
  readonly #byKey = new Map<string, GuessedCell & { rows: number }>()

  add(cells: readonly GuessedCell[]): void {
    for (const cell of cells) {
      const { kind, written } = cell
      const known = this.#byKey.get(`${kind} ${written}`)
      if (known !== undefined) known.rows++
      else if (isRememberable(cell)) this.#byKey.set(`${kind} ${written}`, { ...cell, rows: 1 })
    }
  }

  /** Lists the guesses, those of the most rows first. */
  listed(): NonNullable<ImportReport['guessed']> {
    return [...this.#byKey.values()].sort((a, b) => b.rows - a.rows).slice(0, MAX_ANSWERED)
  }
}

/** Counts the rows whose charter is signed, but not when: those that an answer dates, and the others. */
export class SaidCharters {
  #undated: ImportReport['undatedCharters']
  readonly #dated = new Map<string, { answer: string; as: string; rows: number }>()

  add({ line, as, joinedOn, answer }: SaidCharter): void {
    if (answer === undefined) {
      const { rows, joined, ...first } = this.#undated ?? { rows: 0, joined: 0, line, as }
      this.#undated = { rows: rows + 1, joined: joined + (joinedOn === null ? 0 : 1), ...first }
      return
    }
    const known = this.#dated.get(answer)
    if (known === undefined) this.#dated.set(answer, { answer, as, rows: 1 })
    else known.rows++
  }

  listed(): Pick<ImportReport, 'undatedCharters' | 'datedCharters'> {
    const dated = [...this.#dated.values()].slice(0, MAX_ANSWERED)
    return {
      ...(this.#undated !== undefined && { undatedCharters: this.#undated }),
      ...(dated.length > 0 && { datedCharters: dated }),
    }
  }
}
