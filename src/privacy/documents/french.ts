import type { Block, PaperDocument } from './document.ts'

/** Puts the no-break spaces of French typography: narrow ones before ; ! and ?, full ones before : and inside quotes. */
function frenchSpaces(text: string): string {
  return text
    .replace(/ ([;!?])/g, '\u202f$1')
    .replace(/ ([:»])/g, '\u00a0$1')
    .replace(/« /g, '«\u00a0')
}

function typesetBlock(block: Block): Block {
  switch (block.kind) {
    case 'list':
      return { ...block, items: block.items.map(frenchSpaces) }
    case 'table':
      return { ...block, rows: block.rows.map((row) => row.map(frenchSpaces)) }
    default:
      return { ...block, text: frenchSpaces(block.text) }
  }
}

/** Returns a document in French with its no-break spaces, for reading. */
export function typesetFrench(document: PaperDocument): PaperDocument {
  return {
    ...document,
    title: frenchSpaces(document.title),
    subtitle: frenchSpaces(document.subtitle),
    blocks: document.blocks.map(typesetBlock),
  }
}
