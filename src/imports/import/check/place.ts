import { type KnownCommune, parseInseeCode, parsePostalCode } from '../../../members/rules.ts'
import {
  type CommuneCells,
  isOfDepartement,
  readCommune,
  splitAddress,
  splitCommuneCell,
} from '../cells/communes.ts'
import { communeCells, keyOfCells } from './cell-keys.ts'
import type { RowFacts } from './facts.ts'
import type { MemberRow } from './row.ts'
import type { RowCells } from './row-cells.ts'

/** Degrees from its commune beyond which a point is considered an error (about 50 km). */
const FAR_DEGREES = 0.6

export function checkCommune(row: RowCells, facts: RowFacts): KnownCommune | undefined {
  const { business } = row.columns
  const cells = communeCells(row)
  const { insee, postalCode, commune: typed } = cells
  const column = columnOfCommune(row, cells)
  if (insee === '' && postalCode === '' && typed === '') {
    row.addProblem(business.commune ?? business.insee ?? business.address, 'commune.missing')
    return undefined
  }
  if (postalCode !== '' && parsePostalCode(postalCode) === undefined) {
    row.addProblem(business.postalCode, 'postal_code.invalid')
  }
  const read = readCommune(facts.communes, { ...cells, insee: parseInseeCode(insee) ?? insee })
  const isSure = 'commune' in read && read.remark?.code !== 'commune.understood'
  const answer = isSure ? undefined : row.takeAnswer(facts, keyOfCells(row, 'commune'))
  const answered = answer === undefined ? undefined : facts.communes.byCode.get(answer)
  if (answered !== undefined) return answered
  if (!('commune' in read)) {
    row.addProblem(
      column,
      read.problem,
      {
        candidates: read.candidates.map((one) => `${one.name} (${one.code})`).join(', '),
        count: read.candidates.length,
      },
      read.proposals.map(({ code, name }) => ({ code, name })),
    )
    return undefined
  }
  const { remark } = read
  if (!isSure) row.addGuess(keyOfCells(row, 'commune'), read.commune.code)
  if (remark !== undefined)
    row.addWarning(
      remark.code === 'commune.insee_replaced' ? business.insee : column,
      remark.code,
      remark.values,
    )
  return read.commune
}

/** Returns the column that says most about the commune of a row. */
function columnOfCommune({ columns }: RowCells, { insee, commune }: CommuneCells): number | undefined {
  const { business } = columns
  if (commune !== '') return business.commune ?? business.address
  return insee !== '' ? business.insee : business.postalCode
}

/**
 * Reads the postal code of letters to the business: one of its commune, or a CEDEX of its département, which no commune has. A code
 * that is neither, or is absent where the commune has several, is left out with a remark.
 */
export function checkPostalCode(
  row: RowCells,
  { communes }: RowFacts,
  commune: KnownCommune | undefined,
): string | null {
  const { business } = row.columns
  const cells = communeCells(row)
  const own = parsePostalCode(cells.postalCode)
  const code = own ?? parsePostalCode(splitCommuneCell(cells.commune).code ?? '')
  if (commune === undefined) return null
  if (code !== undefined && commune.postalCodes.includes(code)) return code
  const isOwn = own !== undefined || /\bcedex\b/i.test(cells.commune)
  const isOfOthers = code !== undefined && communes.byPostalCode.has(code) && commune.postalCodes.length > 0
  if (isOwn && code !== undefined && !isOfOthers && isOfDepartement(commune, code)) return code
  const values = { commune: commune.name, codes: commune.postalCodes.join(', ') }
  if (own !== undefined) row.addWarning(business.postalCode, 'postal_code.other', values)
  else if (commune.postalCodes.length > 1 && cells.postalCode === '')
    row.addWarning(business.postalCode ?? business.commune ?? business.insee, 'postal_code.several', values)
  return null
}

/** Returns the street; the commune at its end is a fact of its own. */
export function addressOf(row: RowCells): string | null {
  const { business } = row.columns
  const hasCommune = [business.insee, business.postalCode, business.commune].some((one) => one !== undefined)
  const cell = row.cell('address')
  return (hasCommune ? cell : splitAddress(cell).street) || null
}

export function checkPoint(row: RowCells, commune: KnownCommune | undefined): MemberRow['point'] {
  const { latitude: latitudeColumn, longitude: longitudeColumn } = row.columns.business
  const [latitude, longitude] = [row.cell('latitude'), row.cell('longitude')].map((text) =>
    text === '' ? undefined : Number(text.replace(',', '.')),
  )
  if (latitude === undefined && longitude === undefined) return null
  if (latitude === undefined || longitude === undefined) {
    row.addProblem(latitude === undefined ? latitudeColumn : longitudeColumn, 'point.half')
    return null
  }
  const isBad = (value: number, limit: number) => !Number.isFinite(value) || Math.abs(value) > limit
  if (isBad(latitude, 90)) row.addProblem(latitudeColumn, 'point.invalid')
  if (isBad(longitude, 180)) row.addProblem(longitudeColumn, 'point.invalid')
  if (isBad(latitude, 90) || isBad(longitude, 180)) return null
  if (commune !== undefined && commune.latitude !== null && commune.longitude !== null) {
    const degrees = Math.max(Math.abs(latitude - commune.latitude), Math.abs(longitude - commune.longitude))
    if (degrees > FAR_DEGREES) {
      row.addProblem(latitudeColumn, 'point.far', { commune: commune.name })
      return null
    }
  }
  return { latitude, longitude }
}
