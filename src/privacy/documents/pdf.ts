import { drawPdf, LOCALES, printable } from '../../members/papers/pdf.ts'
import { A4, ReportPaper } from '../../members/papers/report-paper.ts'
import type { Block, PaperDocument } from './document.ts'

/** Draws a document as A4 pages, with the structure that screen readers need. */
export function renderPdf(document: PaperDocument): Promise<Buffer> {
  const { title, at, lang, footer, alone } = document
  return drawPdf({ title: printable(title), size: A4, at, lang: LOCALES[lang], note: alone }, (page) => {
    const paper = new ReportPaper(page, {
      footer: (no) => printable(`${footer} · ${no}`),
      nothing: '–',
      count: String,
    })
    paper.drawHead({
      scheme: printable(document.scheme),
      chamber: printable(document.chamber),
      title: printable(title),
      subtitle: printable(document.subtitle),
    })
    for (const block of document.blocks) drawBlock(paper, block)
    paper.end()
  })
}

function drawBlock(paper: ReportPaper, block: Block): void {
  switch (block.kind) {
    case 'heading':
      paper.drawHeading(printable(block.text), block.level)
      break
    case 'paragraph':
      paper.drawParagraph(printable(block.text))
      break
    case 'list':
      paper.drawList(block.items.map(printable))
      break
    case 'table':
      paper.drawTexts(
        block.columns.map(([name, width]) => [printable(name), width]),
        block.rows.map((row) => row.map(printable)),
      )
  }
}
