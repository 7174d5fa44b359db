import { expect, test } from 'vitest'
import type { DeliveryView } from '../../deliveries/contract.ts'
import { type CsvLabels, csvHeader, csvLine } from './export.ts'

const labels: CsvLabels = { lang: 'fr', tradeName: () => 'Buralistes et presse', timeZone: 'Indian/Reunion' }
const delivery: DeliveryView = {
  no: 1,
  member: { id: '00000000-0000-4000-8000-000000000001', name: 'Tabac "Le Centre"; Issoire' },
  commune: { code: '01004', name: 'Ambérieu-en-Bugey' },
  trade: 'tobacco-press',
  phone: '•• •• •• •• 42',
  state: 'delivered',
  possibleDuplicate: false,
  attempts: 1,
  error: null,
  second: null,
  acceptedAt: '2026-07-12T15:30:05.000Z',
  settledAt: null,
}

test('writes rows in the format of French spreadsheets', () => {
  expect(csvHeader(labels)).toBe(
    '\uFEFFN°;Adhérent;Commune;Code INSEE;Métier;Numéro;État;Doublon possible;Envois;Cause;Accepté le;Réglé le\r\n',
  )
  expect(csvLine(delivery, labels)).toBe(
    '1;"Tabac ""Le Centre""; Issoire";Ambérieu-en-Bugey;01004;Buralistes et presse;•• •• •• •• 42;remis;non;1;;2026-07-12 19:30:05;\r\n',
  )
})
