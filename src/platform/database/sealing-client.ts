import type pg from 'pg'
import type { MarkedValues } from '../../cipher/marked.ts'

/** The start of a statement that handles sealed values as they are stored, such as those that seal them with another key. */
export const AS_STORED = '/* as stored */'

/** Returns the class of connections that seal marked parameters and open sealed values of results. */
export function sealingClient(Base: typeof pg.Client, marked: MarkedValues): typeof pg.Client {
  return class extends Base {
    // biome-ignore lint/suspicious/noExplicitAny: one body for all the ways to call it
    override query(...args: any[]): any {
      const [first, values] = args
      if (typeof first !== 'string' || first.startsWith(AS_STORED)) return this.#run(args)
      if (Array.isArray(values)) args[1] = values.map((value) => marked.seal(value))
      const at = args.findLastIndex((arg) => typeof arg === 'function')
      if (at >= 0) {
        const answer = args[at] as (error: unknown, result?: pg.QueryResult) => void
        args[at] = (error: unknown, result?: pg.QueryResult) => {
          if (!error && result !== undefined) {
            try {
              openResult(result)
            } catch (failure) {
              answer(failure)
              return
            }
          }
          answer(error, result)
        }
        return this.#run(args)
      }
      const result = this.#run(args) as Promise<pg.QueryResult> | undefined
      return result instanceof Promise ? result.then(openResult) : result
    }

    #run(args: unknown[]): unknown {
      return (super.query as (...all: unknown[]) => unknown)(...args)
    }
  }

  function openResult(result: pg.QueryResult): pg.QueryResult {
    for (const one of Array.isArray(result) ? (result as pg.QueryResult[]) : [result]) marked.open(one.rows)
    return result
  }
}
