import { describe, expect, test } from 'vitest'
import { destinationOf, regionOf } from './destinations.ts'
import { defaultRegions } from './regions.ts'

describe('the destination of an SMS', () => {
  test.each([
    ['+33612345678', 'a French mobile'],
    ['+33756000000', 'a French mobile in 07'],
    ['+33639980001', 'a mobile reserved for fiction'],
    ['+262692123456', 'La Réunion'],
    ['+262693123456', 'La Réunion'],
    ['+262639012345', 'Mayotte'],
    ['+590690123456', 'Guadeloupe'],
    ['+594694123456', 'Guyane'],
    ['+596696123456', 'Martinique'],
    ['+508551234', 'Saint-Pierre-et-Miquelon'],
  ])('%s is at home: %s', (phone) => {
    expect(destinationOf(phone)).toBe('home')
  })

  test.each([
    ['+32470123456', 'Belgium'],
    ['+352621123456', 'Luxembourg'],
    ['+491711234567', 'Germany'],
    ['+41791234567', 'Switzerland'],
    ['+393331234567', 'Italy'],
    ['+377612345678', 'Monaco'],
    ['+34612345678', 'Spain'],
    ['+376312345', 'Andorra'],
    ['+5596991234567', 'Brazil'],
    ['+687751234', 'New Caledonia'],
    ['+68987123456', 'French Polynesia'],
    ['+681821234', 'Wallis and Futuna'],
  ])('%s is across the border: %s', (phone) => {
    expect(destinationOf(phone)).toBe('neighbour')
  })

  test.each([
    ['+447911123456', 'Guernsey'],
    ['+351912345678', 'Portugal'],
    ['+213551234567', 'Algeria'],
    ['+24177123456', 'Gabon'],
  ])('%s is elsewhere: %s', (phone) => {
    expect(destinationOf(phone)).toBe('elsewhere')
  })

  test.each([
    ['+33473890000', 'a landline'],
    ['+33970123456', 'a box'],
    ['+33890123456', 'a premium number'],
    ['+33800123456', 'a free number'],
    ['+33700012345678', 'a machine (M2M), 14 digits'],
    ['+33700123456', 'a block without an operator'],
    ['+262262123456', 'a landline of La Réunion'],
    ['+590590123456', 'a landline of Guadeloupe'],
    ['+508410000', 'a landline of Saint-Pierre'],
    ['+870773123456', 'Inmarsat'],
    ['+881612345678', 'Iridium'],
    ['+88216123456', 'Thuraya'],
    ['+8835100123456', 'an international network'],
    ['+878101234567890', 'a personal number of no country'],
    ['+979123456789', 'an international premium number'],
    ['+80012345678', 'an international free number'],
    ['+447012345678', 'a personal number, charged as premium'],
    ['+12025550123', 'a landline or a mobile, nobody can tell'],
    ['+41227000000', 'a landline of Switzerland'],
    ['+33000000000', 'no number'],
    ['+336', 'too short'],
    ['0612345678', 'not E.164'],
    ['', 'nothing'],
  ])('%s gets no SMS: %s', (phone) => {
    expect(destinationOf(phone)).toBe('none')
  })
})

describe('the territory of a mobile', () => {
  test.each([
    ['+33612345678', 'FR'],
    ['+33639980001', 'FR'],
    ['+262692123456', 'RE'],
    ['+262639012345', 'YT'],
    ['+590690123456', 'GP'],
    ['+594694123456', 'GF'],
    ['+596696123456', 'MQ'],
    ['+508551234', 'PM'],
    ['+687751234', 'NC'],
    ['+68987123456', 'PF'],
    ['+681821234', 'WF'],
    ['+41791234567', undefined],
    ['+447911123456', undefined],
    ['+33473890000', undefined],
    ['+33890123456', undefined],
    ['+881612345678', undefined],
    ['+870773123456', undefined],
    ['', undefined],
  ])('of %s is %s', (phone, region) => {
    expect(regionOf(phone)).toBe(region)
  })

  test.each([
    ['Europe/Paris', ['FR', 'GP', 'GF', 'MQ', 'RE', 'YT', 'PM']],
    ['Indian/Reunion', ['FR', 'GP', 'GF', 'MQ', 'RE', 'YT', 'PM']],
    ['Pacific/Noumea', ['FR', 'GP', 'GF', 'MQ', 'RE', 'YT', 'PM', 'NC']],
    ['Pacific/Tahiti', ['FR', 'GP', 'GF', 'MQ', 'RE', 'YT', 'PM', 'PF']],
  ])('a scheme in %s sends codes to the French numbering plan and to its own territory', (zone, regions) => {
    expect(defaultRegions(zone)).toEqual(regions)
  })
})
