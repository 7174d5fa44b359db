import { expect, test } from 'vitest'
import { communeNames, communeWords, factsPlaceWords, placeDetail } from './whereabouts.ts'

test.each([
  ['place de la Halle', 'place de la Halle'],
  ['Place de la Halle', 'place de la Halle'],
  ['12 bis, rue Victor Hugo', 'rue Victor Hugo'],
  ['3 place de la Halle', 'place de la Halle'],
  ['sur la place du Marché', 'place du Marché'],
  ['av. de la République', 'av. de la République'],
  ['zone commerciale des Gravanches', 'zone commerciale des Gravanches'],
  ['tabac', 'dans un tabac'],
  ['un tabac', 'dans un tabac'],
  ['Bureau de tabac', 'dans un bureau de tabac'],
  ['la boulangerie', 'dans une boulangerie'],
  ['station-service', 'dans une station-service'],
  ['chez le coiffeur', 'chez un coiffeur'],
  ['devant la pharmacie', 'devant une pharmacie'],
  ['près de la banque', "près d'une banque"],
  ['tabac place de la Halle', 'dans un tabac place de la Halle'],
  ['place de la Halle, tabac', 'dans un tabac place de la Halle'],
  ['gare', 'à la gare'],
  ['au centre-ville', 'en centre-ville'],
  ['rue de la Boucherie', 'rue de la Boucherie'],
  ['place du Café', 'place du Café'],
  ['rue gambetta', 'rue Gambetta'],
  ['12 rue de la gare', 'rue de la Gare'],
  ["place de l'hôtel de ville", "place de l'Hôtel de Ville"],
  ['tabac avenue du 8 mai 1945', 'dans un tabac avenue du 8 Mai 1945'],
  ['rue saint-jean près de la mairie', 'rue Saint-Jean près de la mairie'],
  ['rue piétonne', 'rue piétonne'],
  ['TABAC 3 RUE GAMBETTA', 'dans un tabac rue Gambetta'],
  ['AVENUE DE LA RÉPUBLIQUE', 'avenue de la République'],
  ['rue de la BOUCHERIE', 'rue de la BOUCHERIE'],
  ['zone industrielle des gravanches', 'zone industrielle des Gravanches'],
  ['tabac le celtique, 12 avenue de la republique', 'dans un tabac avenue de la Republique'],
  ['commerce de bouche', 'dans un commerce de bouche'],
  ['tabac presse', 'dans un tabac-presse'],
  // Typed in haste, without accents, hyphens and apostrophes.
  ['epicerie rue fontgieve', 'dans une épicerie rue Fontgieve'],
  ['SUPERETTE', 'dans une supérette'],
  ['boulangerie patisserie', 'dans une boulangerie-pâtisserie'],
  ['bar tabac le celtic', 'dans un bar-tabac'],
  ['station service', 'dans une station-service'],
  ['derriere la banque', 'derrière une banque'],
  ['pres de la pharmacie', "près d'une pharmacie"],
  ['a cote du tabac', "près d'un tabac"],
  ['a cote hotel', "près d'un hôtel"],
  ['bois de la Côte bar', 'dans un bar'],
  ['hotel des thermes', 'dans un hôtel'],
  ['place de l hotel de ville', "place de l'Hotel de Ville"],
  ['allee des soupirs devant l epicerie', 'devant une épicerie allée des Soupirs'],
  ['marche', 'sur le marché'],
  ['sur le marche', 'sur le marché'],
  ['centre ville', 'en centre-ville'],
  ['Centre-Ville', 'en centre-ville'],
])('reveals of "%s": %s', (typed, detail) => expect(placeDetail(typed)).toBe(detail))

test.each([
  ['Tabac de la Halle', 'dans un tabac'],
  ['Boulangerie Durand', 'dans une boulangerie'],
  ['Tabac Le Khédive, 3 place de la Halle', 'dans un tabac place de la Halle'],
  ['12 rue Foch tabac Le Khédive', 'dans un tabac rue Foch'],
  ['place de la Halle - Pharmacie Martin', 'dans une pharmacie place de la Halle'],
  ['Chez Paulette', ''],
  ['Au Bon Pain', ''],
  ['Carrefour Market', ''],
  ['Marché U', ''],
  ['face au Leclerc', ''],
  ['marche u', ''],
  ['Café de la Place Verte', 'dans un café'],
  ['Cafe\u0301 Durand', 'dans un café'],
  ['Bijoux & Co', ''],
  ['', ''],
])('keeps the name of a shop out of the text: "%s" gives "%s"', (typed, detail) =>
  expect(placeDetail(typed)).toBe(detail),
)

test('gives the place of the facts its preposition, the typed name and the detail', () => {
  const billom = { commune: { name: 'Billom' } }
  expect(factsPlaceWords(billom)).toBe('à Billom')
  expect(factsPlaceWords({ ...billom, place: 'place de la Halle' })).toBe('à Billom, place de la Halle,')
  expect(factsPlaceWords({ ...billom, place: 'Chez Paulette' })).toBe('à Billom')
  const dallet = { commune: { name: 'Mur-sur-Allier', formerName: 'Dallet' } }
  expect(communeWords(dallet)).toBe('à Dallet')
  expect(communeNames(dallet)).toEqual(['Dallet', 'Mur-sur-Allier'])
  expect(communeNames({ commune: { name: 'Thiers', formerName: null } })).toEqual(['Thiers'])
})
