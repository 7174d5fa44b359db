import { useSyncExternalStore } from 'react'
import type { MemberSort, MemberSummary } from '../../../../src/members/contract.ts'
import { readablePhone } from '../../../../src/message/phone.ts'
import { readableSiret } from '../../../../src/message/written.ts'
import type { MemberStatus } from '../../../api/queries.ts'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import { StateTag, type Tone } from '../../../ui/StateTag.tsx'
import classes from '../Members.module.css'

const tones: Record<MemberStatus, Tone> = {
  active: 'neutral',
  pending: 'warn',
  suspended: 'bad',
  left: 'neutral',
}

/** Columns beside the name, in their order. */
export const COLUMNS = [
  'trade',
  'commune',
  'sector',
  'phones',
  'dues',
  'status',
  'charter',
  'joined',
  'siret',
] as const
export type Column = (typeof COLUMNS)[number]

interface ColumnInfo {
  readonly title: TextKey
  readonly sort: MemberSort
  /** In pixels. */
  readonly width: number
}

export const columnInfo: Readonly<Record<Column, ColumnInfo>> = {
  trade: { title: 'members.trade', sort: 'trade', width: 170 },
  commune: { title: 'members.commune', sort: 'commune', width: 160 },
  sector: { title: 'members.sector', sort: 'sector', width: 140 },
  phones: { title: 'members.phones', sort: 'numbers', width: 160 },
  dues: { title: 'members.dues', sort: 'dues', width: 144 },
  status: { title: 'members.status', sort: 'status', width: 116 },
  charter: { title: 'members.charter', sort: 'charter', width: 150 },
  joined: { title: 'members.joined', sort: 'joined', width: 130 },
  siret: { title: 'members.siret', sort: 'siret', width: 170 },
}

const USUAL: readonly Column[] = ['trade', 'commune', 'sector', 'phones', 'dues', 'status']
const KEPT_AS = 'tocsin.member-columns'

function readColumns(): readonly Column[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? 'null')
    return Array.isArray(kept) ? COLUMNS.filter((column) => kept.includes(column)) : USUAL
  } catch {
    return USUAL
  }
}

let current: readonly Column[] | undefined
const listeners = new Set<() => void>()
const chosenColumns = () => (current ??= readColumns())

/** Stores which columns the list shows, in this browser. */
export function setColumns(columns: readonly Column[]): void {
  current = COLUMNS.filter((column) => columns.includes(column))
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(current))
  } catch {
    // The storage is denied: kept for this page only.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The columns that the user chose, without those that the user may not see. */
export function useColumns(seesDues: boolean): readonly Column[] {
  const columns = useSyncExternalStore(subscribe, chosenColumns)
  return seesDues ? columns : columns.filter((column) => column !== 'dues')
}

/** The value of a member in a column. */
export function MemberCell(props: {
  column: Column
  member: MemberSummary
  nameOfTrade: (code: string) => string
}) {
  const { t, lang } = useText()
  const { member } = props
  switch (props.column) {
    case 'trade':
      return props.nameOfTrade(member.trade)
    case 'commune':
      return member.commune.name
    case 'sector':
      return member.sectors.join(', ')
    case 'phones':
      return member.phones.length === 0 ? (
        <span className={classes.warn}>{t('members.noPhone')}</span>
      ) : (
        member.phones.map(readablePhone).join(', ')
      )
    case 'dues':
      return <DuesCell dues={member.dues} />
    case 'status':
      return <StateTag tone={tones[member.status]}>{t(`member.status.${member.status}`)}</StateTag>
    case 'charter':
      return t(`members.charter.short.${member.charter}`)
    case 'joined':
      return member.joinedOn === null ? '' : dayOf(lang, member.joinedOn)
    case 'siret':
      return member.siret === null ? '' : readableSiret(member.siret)
  }
}

function DuesCell({ dues }: { dues: MemberSummary['dues'] }) {
  const { t, lang } = useText()
  if (dues === null) return null
  if (dues.owedCents <= 0) return t('members.dues.settled')
  const amount = moneyOf(lang, dues.owedCents)
  return dues.late ? (
    <StateTag tone="neutral">{t('members.dues.lateBy', { amount })}</StateTag>
  ) : (
    t('members.dues.owes', { amount })
  )
}
