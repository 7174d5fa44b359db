import type { Region } from '../../../../src/identity/codes/regions.ts'
import type { TextKey } from '../../../ui/format/text.ts'

export const REGION_NAMES = {
  FR: 'settings.region.FR',
  GP: 'settings.region.GP',
  GF: 'settings.region.GF',
  MQ: 'settings.region.MQ',
  RE: 'settings.region.RE',
  YT: 'settings.region.YT',
  PM: 'settings.region.PM',
  NC: 'settings.region.NC',
  PF: 'settings.region.PF',
  WF: 'settings.region.WF',
} as const satisfies Record<Region, TextKey>
