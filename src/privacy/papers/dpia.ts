import type { Block } from '../documents/document.ts'
import { periodText } from '../retention/period.ts'
import type { PaperFacts } from './facts.ts'
import { measuresOf } from './measures.ts'
import { forcesOf, listProcessings } from './processings.ts'
import { processorsOf, whoAnswers } from './register.ts'

const heading = (level: 2 | 3, text: string): Block => ({ kind: 'heading', level, text })
const paragraph = (text: string): Block => ({ kind: 'paragraph', text })
const list = (items: readonly string[]): Block => ({ kind: 'list', items })

/**
 * Writes a first draft of the impact assessment (GDPR article 35), in the order of the CNIL's method: context, fundamental principles,
 * risks, validation. What is a judgement is left to the data protection officer, and marked.
 * @param day on which it is written: 2026-03-12
 */
export function writeDpia(facts: PaperFacts, day: string): readonly Block[] {
  return [
    ...whoAnswers(facts, day),
    paragraph(
      'À relire et à compléter par le délégué à la protection des données ; consultation préalable de la CNIL si le risque résiduel reste élevé (art. 36).',
    ),
    ...contextOf(facts),
    ...principlesOf(facts),
    ...risksOf(facts),
    heading(2, '4. Validation'),
    {
      kind: 'table',
      columns: [
        ['Avis', 70],
        ['Contenu, date et nom', 100],
      ],
      rows: [
        ['Délégué à la protection des données', '…'],
        ['Personnes concernées ou leurs représentants', '…'],
        ['Plan d’action : mesures à prendre, par qui, pour quand', '…'],
        ['Décision du responsable', '…'],
      ],
    },
  ]
}

function contextOf(facts: PaperFacts): Block[] {
  const { name, territory, sender, trades, categories } = facts
  return [
    heading(2, '1. Contexte'),
    heading(3, 'Vue d’ensemble'),
    paragraph(
      `${name} : un commerce qui subit ou voit un fait de délinquance appelle le 17 ; un opérateur, en liaison avec le parquet, décide de prévenir les autres commerces d’une zone par un SMS court. Expéditeur affiché : ${sender}. Territoire : ${territory}.`,
    ),
    paragraph(
      `Métiers qui adhèrent : ${trades.join(', ')}. Faits qui peuvent donner une alerte : ${categories.join(', ')}.`,
    ),
    paragraph(
      `Responsables conjoints : ${facts.chamber} pour la liste des adhérents (RGPD) ; ${forcesOf(facts)} pour les signalements et les décisions (directive (UE) 2016/680, titre III de la loi du 6 janvier 1978). Référentiels : convention du dispositif, charte des adhérents, guides de la CNIL et de l’ANSSI.`,
    ),
    heading(3, 'Données, processus et supports'),
    {
      kind: 'table',
      columns: [
        ['Traitement', 40],
        ['Données', 80],
        ['Durée', 50],
      ],
      rows: listProcessings(facts).map((one) => [one.name, one.data, one.kept]),
    },
    paragraph(
      'Processus : adhésion, signature de la charte, alerte (appel, doute levé, texte, seconde personne, envoi, suites, bilan), départ, effacement. Supports : la base de données de l’installation, ses sauvegardes, les téléphones des adhérents, les passerelles des prestataires.',
    ),
    ...processorsOf(facts),
  ]
}

function principlesOf(facts: PaperFacts): Block[] {
  const { days, doctrine, leakTracing, chamber } = facts
  const reports = periodText('fr', days.reports)
  return [
    heading(2, '2. Principes fondamentaux'),
    heading(3, 'Nécessité et proportionnalité'),
    list([
      'Finalités : déterminées et limitées à la prévention ; ni vente, ni publicité, ni fichier de suspects.',
      'Fondement : charte signée (contrat) pour les adhérents, intérêt légitime pour ceux que la chambre inscrit sans charte signée ; mission d’intérêt public pour les signalements.',
      `Minimisation : le texte ne dit que ce que permet son niveau (prévention, faits établis, éléments précis) ; plaques, numéros, noms et descriptions sont signalés avant l’envoi ; ${
        doctrine.descriptionLevel === 'precise'
          ? 'une description ne part qu’avec l’accord d’un magistrat sur le contenu exact'
          : 'les plaques ne partent qu’avec l’accord d’un magistrat sur le contenu exact'
      }.`,
      `Appel tardif (plus de ${doctrine.lateAfterMinutes} minutes après les faits) : un motif écrit ; pas d’alerte sans infraction, ni quand les auteurs sont arrêtés.`,
      'Destinataires comptés avant l’envoi ; seuls ceux de la liste approuvée reçoivent, et les suites vont à eux seuls.',
      `Exactitude : ${facts.reconfirmation ? 'chaque numéro est confirmé une fois par an ; ' : ''}les numéros hors service se voient ; un adhérent corrige sa fiche.`,
      `Durées : fiche, ${periodText('fr', days.member)} après le départ ; remises, ${periodText('fr', days.deliveries)} ; signalements, ${reports}.`,
      ...(leakTracing
        ? [
            'Repérage des copies : chaque SMS porte un repère propre à son destinataire, ce que la charte annonce.',
          ]
        : []),
    ]),
    heading(3, 'Droits des personnes'),
    list([
      'Information : notice publique, écrite d’après les réglages, liée à la charte ; à un commerce que la chambre inscrit elle-même, si elle choisit de l’envoyer, un SMS ou un courriel qui dit d’où viennent ses données et comment s’y opposer (art. 14), sinon à elle de l’informer autrement.',
      'Accès et portabilité : sur le portail (JSON, CSV) ; sur demande, dossier en PDF et en JSON.',
      'Rectification et effacement : sur le portail ou sur demande ; l’effacement est immédiat et prouvé.',
      'Opposition : STOP, portail ou chambre ; le numéro n’est plus écrit.',
      `Effacement et signalements : l’appelant et le lieu restent aux forces jusqu’à ${reports} après l’appel, hors de la vue de ${chamber}.`,
      'Sous-traitance : contrats à joindre ; transferts hors de l’Union : aucun par le logiciel, à vérifier par prestataire.',
    ]),
  ]
}

function risksOf(facts: PaperFacts): Block[] {
  const tracing = facts.leakTracing ? ', repères' : ''
  return [
    heading(2, '3. Risques'),
    heading(3, 'Mesures existantes'),
    list(measuresOf(facts)),
    heading(3, 'Appréciation des risques'),
    {
      kind: 'table',
      columns: [
        ['Risque', 34],
        ['Sources', 30],
        ['Effets', 30],
        ['Mesures', 50],
        ['Gravité et vraisemblance', 26],
      ],
      rows: [
        [
          'Accès illégitime à la liste des adhérents',
          'compte volé, agent curieux, sauvegarde perdue',
          'démarchage, menace',
          'droits, cloisonnement, masquage, trace des consultations, chiffrement',
          'à évaluer',
        ],
        [
          'Fuite d’un SMS hors du réseau',
          'adhérent, téléphone volé',
          'atteinte à la personne visée, à l’enquête',
          `niveaux, garde du texte, « ne pas transférer », vérification publique d’un SMS${tracing}`,
          'à évaluer',
        ],
        [
          'Modification non désirée : désignation d’un innocent, faux message',
          'erreur, compte volé',
          'atteinte à la réputation',
          'seconde personne, accord du parquet, rectificatif aux mêmes destinataires, journal chaîné',
          'à évaluer',
        ],
        [
          'Disparition des données, indisponibilité',
          'panne, rançongiciel, prestataire arrêté',
          'alerte en retard',
          'voies de secours, sauvegardes, reprise sans perte ni doublon caché',
          'à évaluer',
        ],
        [
          'Conservation excessive',
          'oubli',
          'usage détourné',
          'effacement automatique et prouvé',
          'à évaluer',
        ],
      ],
    },
  ]
}
