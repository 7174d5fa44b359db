import type { Lang } from '../../i18n/format.ts'

/** A part of a document, in reading order. The first cell of a row names the row. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table'
      /** Name and relative width of each column. */
      readonly columns: readonly (readonly [name: string, width: number])[]
      readonly rows: readonly (readonly string[])[]
    }

/** A document that is written once, and given as PDF or as OpenDocument text. */
export interface PaperDocument {
  readonly title: string
  readonly scheme: string
  readonly chamber: string
  /** A line below the title. */
  readonly subtitle: string
  /** At the foot of each page, before its number. */
  readonly footer: string
  readonly lang: Lang
  readonly at: Date
  readonly blocks: readonly Block[]
  /** The line of a scheme whose settings one person decided alone. */
  readonly alone: string | undefined
}
