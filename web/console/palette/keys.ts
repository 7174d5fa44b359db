import type { TextKey } from '../../ui/format/text.ts'

export interface ScreenKey {
  /** As they are written on the keys; several in a row are pressed together or in turn. */
  readonly keys: readonly TextKey[]
  readonly what: TextKey
}

const ROOM: readonly ScreenKey[] = [
  { keys: ['key.altL'], what: 'keys.room.line' },
  { keys: ['keys.name.digits'], what: 'keys.room.category' },
  { keys: ['keys.name.altOni'], what: 'keys.room.offence' },
  { keys: ['keys.name.altPse'], what: 'keys.room.level' },
  { keys: ['keys.name.altLetter'], what: 'keys.room.area' },
  { keys: ['key.altR'], what: 'keys.room.fix' },
  { keys: ['key.altShiftR'], what: 'keys.room.fixAll' },
  { keys: ['key.altF'], what: 'keys.room.authorise' },
  { keys: ['keys.name.arrows', 'keys.name.enter', 'keys.name.space'], what: 'keys.room.map' },
  { keys: ['key.ctrlEnter'], what: 'keys.room.send' },
  { keys: ['key.escape'], what: 'keys.room.cancel' },
]

const ROWS: readonly ScreenKey[] = [
  { keys: ['keys.name.j', 'keys.name.k'], what: 'keys.rows.walk' },
  { keys: ['keys.name.enter'], what: 'keys.rows.open' },
]

/** Rows that have no panel of their own. */
const WALK: readonly ScreenKey[] = [{ keys: ['keys.name.j', 'keys.name.k'], what: 'keys.today.walk' }]
const WALK_AND_OPEN: readonly ScreenKey[] = [...WALK, { keys: ['keys.name.enter'], what: 'keys.rows.open' }]

/** The keys of each screen that has some, by its path. */
const OF_SCREEN: Readonly<Record<string, readonly ScreenKey[]>> = {
  '/salle': ROOM,
  '/aujourdhui': [
    { keys: ['keys.name.j', 'keys.name.k'], what: 'keys.today.walk' },
    { keys: ['keys.name.enter'], what: 'keys.today.act' },
  ],
  '/adherents': [
    { keys: ['keys.name.j', 'keys.name.k'], what: 'keys.members.walk' },
    { keys: ['keys.name.arrows'], what: 'keys.members.rows' },
    { keys: ['keys.name.x'], what: 'keys.members.choose' },
    { keys: ['keys.name.n'], what: 'keys.members.new' },
  ],
  '/alertes': ROWS,
  '/demandes': ROWS,
  '/numeros': ROWS,
  '/cotisations': ROWS,
  '/adherents/doublons': WALK_AND_OPEN,
  '/cotisations/paiements': WALK_AND_OPEN,
  '/journal': WALK_AND_OPEN,
  '/audit': WALK_AND_OPEN,
  '/audit-installation': WALK_AND_OPEN,
  '/messages': WALK,
  '/series': WALK,
  '/importer': [{ keys: ['keys.name.altArrows'], what: 'keys.import.rows' }],
  '/secteurs': [
    { keys: ['keys.name.arrows', 'keys.name.space'], what: 'keys.sectors.paint' },
    { keys: ['keys.name.ctrlZ'], what: 'keys.sectors.undo' },
  ],
}

/** The keys that every screen has. */
export const COMMON: readonly ScreenKey[] = [
  { keys: ['key.ctrlK'], what: 'keys.search' },
  { keys: ['key.ctrlEnter'], what: 'keys.dialog' },
  { keys: ['keys.name.question'], what: 'keys.help' },
]

export function keysOf(path: string): readonly ScreenKey[] {
  return OF_SCREEN[path] ?? []
}
