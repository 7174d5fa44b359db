import { drawPdf, LOCALES, replaceUnprintable } from '../../members/papers/pdf.ts'
import { A4, ReportPaper } from '../../members/papers/report-paper.ts'
import type { Block, PaperDocument } from './document.ts'

/** Draws a document as A4 pages, with the structure that screen readers need. */
export function renderPdf(document: PaperDocument): Promise<Buffer> {
  const { title, at, lang, footer, alone } = document
  return drawPdf(
    { title: replaceUnprintable(title), size: A4, at, lang: LOCALES[lang], note: alone },
    (page) => {
      const paper = new ReportPaper(page, {
        footer: (no) => replaceUnprintable(`${footer} · ${no}`),
        nothing: '–',
        count: String,
      })
      paper.drawHead({
        scheme: replaceUnprintable(document.scheme),
        chamber: replaceUnprintable(document.chamber),
        title: replaceUnprintable(title),
        subtitle: replaceUnprintable(document.subtitle),
      })
      for (const block of document.blocks) drawBlock(paper, block)
      paper.end()
    },
  )
}

function drawBlock(paper: ReportPaper, block: Block): void {
  switch (block.kind) {
    case 'heading':
      paper.drawHeading(replaceUnprintable(block.text), block.level)
      break
    case 'paragraph':
      paper.drawParagraph(replaceUnprintable(block.text))
      break
    case 'list':
      paper.drawList(block.items.map(replaceUnprintable))
      break
    case 'table':
      paper.drawTexts(
        block.columns.map(([name, width]) => [replaceUnprintable(name), width]),
        block.rows.map((row) => row.map(replaceUnprintable)),
      )
  }
}
