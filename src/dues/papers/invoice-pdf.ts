import { readFile } from 'node:fs/promises'
import { frenchDay } from '../../i18n/day.ts'
import { formatMessage } from '../../i18n/format.ts'
import {
  breakAtSpaces,
  COLOURS,
  drawPdf,
  mm,
  type Page,
  replaceUnprintable,
} from '../../members/papers/pdf.ts'
import { formatEuros } from '../../message/money.ts'
import { readableIban, readableSiren, readableSiret } from '../../message/written.ts'
import type { InvoiceFacts } from '../contract.ts'
import { writeInvoiceXml } from './invoice-xml.ts'
import { unpackWoff } from './woff.ts'

const LEFT = mm(22)
const WIDTH = mm(210 - 44)
const XML_NAME = 'factur-x.xml'

const t = (key: string, values?: Readonly<Record<string, string>>) =>
  replaceUnprintable(formatMessage('fr', key, values))
const money = (cents: number) => replaceUnprintable(formatEuros(cents))
/** A folder at the same relative path from src and dist. */
const fontFile = (weight: number) =>
  new URL(`../../../fonts/inter-latin-${weight}-normal.woff`, import.meta.url)
/** The fonts of a PDF/A are in the file: these take the place of the standard ones. */
const FONTS = [
  ['Helvetica', fontFile(400)],
  ['Helvetica-Bold', fontFile(700)],
] as const
let loaded: Promise<readonly (readonly [string, Buffer])[]> | undefined

function loadFonts(): Promise<readonly (readonly [string, Buffer])[]> {
  loaded ??= Promise.all(FONTS.map(async ([name, file]) => [name, unpackWoff(await readFile(file))] as const))
  return loaded
}

/** Describes the invoice in the metadata, with the schema of these properties, as PDF/A asks (Factur-X 1.0, section 6). */
const FACTUR_X_METADATA = `
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
  <fx:DocumentType>INVOICE</fx:DocumentType>
  <fx:DocumentFileName>${XML_NAME}</fx:DocumentFileName>
  <fx:Version>1.0</fx:Version>
  <fx:ConformanceLevel>BASIC</fx:ConformanceLevel>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>fx</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq>
${[
  ['DocumentFileName', 'The name of the embedded XML document'],
  ['DocumentType', 'The type of the hybrid document in capital letters, e.g. INVOICE or ORDER'],
  ['Version', 'The actual version of the standard applying to the embedded XML document'],
  ['ConformanceLevel', 'The conformance level of the embedded XML document'],
]
  .map(
    ([name, what]) => `      <rdf:li rdf:parseType="Resource">
        <pdfaProperty:name>${name}</pdfaProperty:name>
        <pdfaProperty:valueType>Text</pdfaProperty:valueType>
        <pdfaProperty:category>external</pdfaProperty:category>
        <pdfaProperty:description>${what}</pdfaProperty:description>
      </rdf:li>`,
  )
  .join('\n')}
    </rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
`

/** Draws an invoice or credit note as Factur-X: one A4 page in PDF/A-3, with the same content as XML in it. The same facts give the same file. */
export async function drawInvoice(
  facts: InvoiceFacts & { readonly member: NonNullable<InvoiceFacts['member']> },
  paper: { readonly at: Date; readonly alone?: string | undefined },
): Promise<Buffer> {
  const fonts = await loadFonts()
  const title = t(facts.corrects === undefined ? 'invoice.title' : 'invoice.credit.title', {
    number: facts.number,
  })
  const xml = writeInvoiceXml(facts)
  const about = {
    ...{ title, size: [mm(210), mm(297)] as const, at: paper.at, note: paper.alone },
    archive: {
      fonts,
      metadata: FACTUR_X_METADATA,
      file: { name: XML_NAME, type: 'text/xml', content: Buffer.from(xml), what: title },
    },
  }
  return drawPdf(about, (page) => drawContent(page, facts, title))
}

type Add = (tag: string, draw: () => void) => void

function drawContent(page: Page, facts: Parameters<typeof drawInvoice>[0], title: string): void {
  const { seller, member } = facts
  const root = page.struct('Document')
  page.addStructure(root)
  const add: Add = (tag, draw) => root.add(page.struct(tag, {}, draw))
  const block = (x: number, y: number, name: string, lines: readonly string[]) =>
    add('P', () => {
      page.font('Helvetica-Bold').fontSize(11.5).fillColor(COLOURS.ink)
      page.text(breakAtSpaces(page, replaceUnprintable(name), mm(78)), x, y, { width: mm(78) })
      page.font('Helvetica').fontSize(10)
      for (const line of lines.filter((one) => one !== ''))
        page.text(replaceUnprintable(line), { width: mm(78) })
    })
  const idsOf = (siret: string) => [
    `SIREN\u00A0${readableSiren(siret)}`,
    `SIRET\u00A0${readableSiret(siret)}`,
  ]
  block(LEFT, mm(18), seller.name, [
    seller.address,
    ...idsOf(seller.siret),
    seller.vatNumber === '' ? '' : t('invoice.vat_number', { number: seller.vatNumber }),
  ])
  block(mm(112), mm(50), member.name, [
    member.address ?? '',
    member.town,
    ...(member.siret === null ? [] : idsOf(member.siret)),
  ])
  add('H1', () => {
    page.font('Helvetica-Bold').fontSize(20)
    page.text(title, LEFT, mm(94), { width: WIDTH })
  })
  add('P', () => {
    page.font('Helvetica').fontSize(11)
    page.text(daysOf(facts), { width: WIDTH })
  })
  let y = page.y + mm(8)
  const row = (label: string, amount: string, font = 'Helvetica') => {
    add('P', () => {
      page.font(font).fontSize(11).fillColor(COLOURS.ink)
      page.text(label, LEFT, y, { width: mm(125) })
      const end = page.y
      page.text(amount, LEFT + mm(128), y, { width: WIDTH - mm(128), align: 'right' })
      page.y = Math.max(end, page.y)
    })
    const end = page.y + mm(2)
    page.markContent('Artifact', { type: 'Layout' })
    page
      .moveTo(LEFT, end)
      .lineTo(LEFT + WIDTH, end)
      .lineWidth(0.5)
      .stroke(COLOURS.line)
    page.endMarkedContent()
    y = end + mm(2.5)
  }
  row(replaceUnprintable(facts.label), money(facts.amountCents))
  row(t('invoice.vat'), money(0))
  row(t('invoice.total'), money(facts.amountCents), 'Helvetica-Bold')
  if (facts.paidCents > 0) row(t('invoice.paid'), money(facts.paidCents))
  if (facts.corrects === undefined)
    row(t('invoice.due'), money(facts.amountCents - facts.paidCents), 'Helvetica-Bold')
  add('P', () => {
    page.font('Helvetica').fontSize(10).fillColor(COLOURS.ink)
    const lines = [
      facts.corrects === undefined ? '' : t('invoice.credit.reason', { reason: facts.corrects.reason }),
      seller.vatReason,
      facts.iban === ''
        ? ''
        : `IBAN\u00A0${readableIban(facts.iban)}${facts.bic === '' ? '' : ` · BIC\u00A0${facts.bic}`}`,
      t('invoice.reference', { reference: facts.reference }),
      t(facts.corrects === undefined ? 'invoice.kept' : 'invoice.credit.kept'),
    ]
    page.text(printableLines(lines), LEFT, y + mm(6), { width: WIDTH, lineGap: 3 })
  })
  root.end()
}

function daysOf({ issuedOn, dueOn, corrects }: InvoiceFacts): string {
  const day = frenchDay(issuedOn)
  if (corrects === undefined) return t('invoice.days', { day, due: frenchDay(dueOn) })
  return t('invoice.credit.days', { day, number: corrects.number, of: frenchDay(corrects.issuedOn) })
}

const printableLines = (lines: readonly string[]) =>
  lines
    .filter((line) => line !== '')
    .map(replaceUnprintable)
    .join('\n')
