import { strToU8, zipSync } from 'fflate'
import { LOCALES } from '../../members/papers/pdf.ts'
import type { Block, PaperDocument } from './document.ts'

const TYPE = 'application/vnd.oasis.opendocument.text'
const NAMESPACES = [
  'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"',
  'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"',
  'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"',
  'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"',
  'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"',
  'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"',
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
].join(' ')
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
const PAGE_WIDTH_MM = 170

/**
 * Writes a document as OpenDocument text (ISO/IEC 26300, ODF 1.3), for a word processor: headings, lists, tables with header rows,
 * the language and the title.
 */
export function renderOdt(document: PaperDocument): Buffer {
  const { at } = document
  const write = (text: string) => strToU8(HEAD + text)
  return Buffer.from(
    zipSync(
      {
        // First and not compressed, so that programs recognise the type of the file (ODF 1.3, part 2, 3.3).
        mimetype: [strToU8(TYPE), { level: 0 }],
        'content.xml': write(contentOf(document)),
        'styles.xml': write(stylesOf(document)),
        'meta.xml': write(metaOf(document)),
        'META-INF/manifest.xml': write(MANIFEST),
      },
      { mtime: at },
    ),
  )
}

/** Escapes text for XML. Characters that XML cannot hold are left out. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\n/g, '<text:line-break/>')
}

const paragraph = (style: string, text: string) => `<text:p text:style-name="${style}">${xml(text)}</text:p>`
const heading = (level: number, text: string) =>
  `<text:h text:style-name="Heading_20_${level}" text:outline-level="${level}">${xml(text)}</text:h>`

function contentOf(document: PaperDocument): string {
  const tables = document.blocks.filter((block) => block.kind === 'table')
  const columns = tables.flatMap((table, no) => {
    const whole = table.columns.reduce((sum, [, width]) => sum + width, 0)
    return table.columns.map(
      ([, width], column) =>
        `<style:style style:name="T${no}C${column}" style:family="table-column"><style:table-column-properties style:column-width="${((width / whole) * PAGE_WIDTH_MM).toFixed(1)}mm"/></style:style>`,
    )
  })
  let table = 0
  const body = document.blocks.map((block) => writeBlock(block, block.kind === 'table' ? table++ : 0))
  const alone = document.alone === undefined ? '' : paragraph('Small', document.alone)
  return `<office:document-content ${NAMESPACES} office:version="1.3"><office:automatic-styles><style:style style:name="Cell" style:family="table-cell"><style:table-cell-properties fo:border="0.5pt solid #c9d3de" fo:padding="1mm"/></style:style>${columns.join('')}</office:automatic-styles><office:body><office:text>${paragraph('Small', `${document.scheme} · ${document.chamber}`)}${heading(1, document.title)}${paragraph('Standard', document.subtitle)}${body.join('')}${alone}</office:text></office:body></office:document-content>`
}

function writeBlock(block: Block, tableNo: number): string {
  switch (block.kind) {
    case 'heading':
      return heading(block.level, block.text)
    case 'paragraph':
      return paragraph('Standard', block.text)
    case 'list':
      return `<text:list text:style-name="Bullets">${block.items
        .map((item) => `<text:list-item>${paragraph('Standard', item)}</text:list-item>`)
        .join('')}</text:list>`
    case 'table': {
      const row = (cells: readonly string[], isHead: boolean) =>
        `<table:table-row>${cells
          .map(
            (cell, no) =>
              `<table:table-cell table:style-name="Cell" office:value-type="string">${paragraph(isHead || no === 0 ? 'Head' : 'Cells', cell)}</table:table-cell>`,
          )
          .join('')}</table:table-row>`
      const names = block.columns.map(([name]) => name)
      const columns = names.map((_, no) => `<table:table-column table:style-name="T${tableNo}C${no}"/>`)
      return `<table:table table:name="T${tableNo}">${columns.join('')}<table:table-header-rows>${row(names, true)}</table:table-header-rows>${block.rows.map((cells) => row(cells, false)).join('')}</table:table>${paragraph('Standard', '')}`
    }
  }
}

function stylesOf({ lang, footer }: PaperDocument): string {
  const [language, country] = LOCALES[lang].split('-')
  const style = (name: string, paragraphs: string, letters: string, more = '') =>
    `<style:style style:name="${name}" style:family="paragraph"${more}><style:paragraph-properties ${paragraphs}/><style:text-properties ${letters}/></style:style>`
  const headings = [20, 14, 12].map((size, no) =>
    style(
      `Heading_20_${no + 1}`,
      'fo:margin-top="5mm" fo:margin-bottom="2mm" fo:keep-with-next="always"',
      `fo:font-size="${size}pt" fo:font-weight="bold"`,
      ` style:display-name="Heading ${no + 1}" style:default-outline-level="${no + 1}"`,
    ),
  )
  return `<office:document-styles ${NAMESPACES} office:version="1.3"><office:styles><style:default-style style:family="paragraph"><style:text-properties fo:font-family="Liberation Sans" fo:font-size="10.5pt" fo:language="${language}" fo:country="${country}"/></style:default-style>${style('Standard', 'fo:margin-bottom="2mm"', 'fo:font-size="10.5pt"')}${style('Small', 'fo:margin-bottom="2mm"', 'fo:font-size="9pt"')}${style('Head', 'fo:margin-bottom="0mm"', 'fo:font-size="9.5pt" fo:font-weight="bold"')}${style('Cells', 'fo:margin-bottom="0mm"', 'fo:font-size="9.5pt"')}${headings.join('')}<text:list-style style:name="Bullets"><text:list-level-style-bullet text:level="1" text:bullet-char="–"><style:list-level-properties text:space-before="3mm" text:min-label-width="4mm"/></text:list-level-style-bullet></text:list-style></office:styles><office:automatic-styles><style:page-layout style:name="A4"><style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm" fo:margin="20mm"/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="A4"><style:footer><text:p text:style-name="Small">${xml(footer)} · <text:page-number text:select-page="current"/></text:p></style:footer></style:master-page></office:master-styles></office:document-styles>`
}

function metaOf({ title, lang, at }: PaperDocument): string {
  return `<office:document-meta ${NAMESPACES} office:version="1.3"><office:meta><meta:generator>Tocsin</meta:generator><dc:title>${xml(title)}</dc:title><dc:language>${LOCALES[lang]}</dc:language><meta:creation-date>${at.toISOString()}</meta:creation-date></office:meta></office:document-meta>`
}

const MANIFEST = `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="${TYPE}"/>${[
  'content.xml',
  'styles.xml',
  'meta.xml',
]
  .map((name) => `<manifest:file-entry manifest:full-path="${name}" manifest:media-type="text/xml"/>`)
  .join('')}</manifest:manifest>`
