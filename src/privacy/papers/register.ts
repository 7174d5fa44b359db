import { frenchDay } from '../../i18n/day.ts'
import type { Block } from '../documents/document.ts'
import { contactLine } from '../documents/words.ts'
import type { PaperFacts } from './facts.ts'
import { measuresOf } from './measures.ts'
import { forcesOf, listProcessings } from './processings.ts'

const ROWS = [
  ['Rubrique', 34],
  ['Contenu', 136],
] as const

/**
 * Writes the register of processing (GDPR article 30), in the order of the CNIL's model: who answers, the list of processings, a
 * sheet for each, processors, measures.
 * @param day on which it is written: 2026-03-12
 */
export function writeRegister(facts: PaperFacts, day: string): readonly Block[] {
  const processings = listProcessings(facts)
  return [
    ...whoAnswers(facts, day),
    { kind: 'heading', level: 2, text: 'Liste des traitements' },
    {
      kind: 'table',
      columns: [
        ['Traitement', 50],
        ['Finalité', 120],
      ],
      rows: processings.map(({ name, purpose }, no) => [`${no + 1}. ${name}`, purpose]),
    },
    ...processings.flatMap((one, no): Block[] => [
      { kind: 'heading', level: 3, text: `${no + 1}. ${one.name}` },
      {
        kind: 'table',
        columns: ROWS,
        rows: [
          ['Finalité', one.purpose],
          ['Base légale', one.basis],
          ['Personnes', one.people],
          ['Données', one.data],
          [
            'Données sensibles',
            'aucune (art. 9) ; le texte d’une alerte ne porte ni origine, ni opinion, ni santé',
          ],
          ['Destinataires', one.recipients],
          ['Durée', one.kept],
          ['Hors de l’Union', 'aucun transfert par le logiciel ; à vérifier pour chaque sous-traitant'],
        ],
      },
    ]),
    ...processorsOf(facts),
    { kind: 'heading', level: 2, text: 'Mesures de sécurité (art. 32)' },
    { kind: 'list', items: measuresOf(facts) },
    { kind: 'heading', level: 2, text: 'Droits des personnes' },
    {
      kind: 'paragraph',
      text: `Sur le portail : voir, exporter (JSON, CSV), corriger, quitter. Par écrit : à ${facts.chamber}, réponse sous un mois (art. 12.3), avec le dossier de la personne en PDF et en JSON. STOP par SMS là où le numéro reçoit. Pour ce que les forces tiennent d’un appel : à elles (loi 78-17, art. 105), ou par la CNIL (art. 108).`,
    },
  ]
}

/** Says who answers for the data, and what the reader has still to fill in. */
export function whoAnswers(facts: PaperFacts, day: string): readonly Block[] {
  const { contact, chamber, name, territory } = facts
  const officer = contactLine(contact.dpo.name, contact.dpo)
  const missing = [
    ...(officer === '' ? ['coordonnées du délégué à la protection des données'] : []),
    'hébergeur de l’installation',
    'accord entre responsables conjoints (art. 26)',
    'contrats de sous-traitance (art. 28)',
  ]
  return [
    {
      kind: 'paragraph',
      text: `Établi le ${frenchDay(day)} d’après les réglages du dispositif. À compléter : ${missing.join(', ')}.`,
    },
    { kind: 'heading', level: 2, text: 'Qui en répond' },
    {
      kind: 'table',
      columns: ROWS,
      rows: [
        ['Dispositif', `${name} (${territory}), ${facts.members} adhérents actifs`],
        ['Responsable de la liste des adhérents', contactLine(chamber, contact.chamber)],
        ...(facts.tradeChambers.length === 0
          ? []
          : [['Chambres de métier, pour leurs métiers', facts.tradeChambers.join(', ')]]),
        ['Responsables des signalements et décisions', forcesOf(facts)],
        ['Délégué à la protection des données', officer || 'à compléter'],
      ],
    },
  ]
}

/** Lists the processors that the settings name. */
export function processorsOf({ processors }: PaperFacts): readonly Block[] {
  return [
    { kind: 'heading', level: 2, text: 'Sous-traitants (art. 28)' },
    {
      kind: 'table',
      columns: [
        ['Nom', 50],
        ['Tâche', 50],
        ['Données', 70],
      ],
      rows: [
        ...processors.map(({ name, work, data }) => [name, work, data]),
        ['À compléter', 'hébergement de l’installation et des sauvegardes', 'toutes'],
      ],
    },
  ]
}
