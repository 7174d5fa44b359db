import type { Block, PaperDocument } from './document.ts'

/** Escapes text so that it cannot become markup of the document. */
const plain = (text: string) => text.replace(/[\\`*_{}[\]<>#|]/g, (sign) => `\\${sign}`)

/** Writes documents one after the other as Markdown. */
export function renderMarkdown(documents: readonly Pick<PaperDocument, 'title' | 'blocks'>[]): string {
  return documents
    .map(({ title, blocks }) => `# ${plain(title)}\n\n${blocks.map(writeBlock).join('\n\n')}\n`)
    .join('\n')
}

function writeBlock(block: Block): string {
  if (block.kind === 'heading') return `${'#'.repeat(block.level)} ${plain(block.text)}`
  if (block.kind === 'paragraph') return plain(block.text)
  if (block.kind === 'list') return block.items.map((item) => `- ${plain(item)}`).join('\n')
  const rows = [
    block.columns.map(([name]) => name),
    block.columns.map(() => '---'),
    ...block.rows.map((row) => row.map(plain)),
  ]
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
