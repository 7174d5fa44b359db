import { frenchDay } from '../../i18n/day.ts'
import { readablePhone } from '../../message/phone.ts'
import type { PrivacyFacts } from './contract.ts'
import { periodText } from './period.ts'

interface Processing {
  readonly name: string
  readonly purpose: string
  readonly basis: string
  readonly data: string
  readonly recipients: string
  readonly kept: string
}

/** Escapes text so that it cannot become markup of the document. */
const plain = (text: string) => text.replace(/[\\`*_{}[\]<>#|]/g, (sign) => `\\${sign}`)

/**
 * Writes the register of processing (GDPR article 30) and a first draft of the impact assessment (article 35), in French. Two
 * regimes apply: the GDPR to the list of members, directive (EU) 2016/680 to incidents and decisions.
 * @param day on which it is written: 2026-03-12
 */
export function writeRegister(facts: PrivacyFacts, day: string): string {
  const chamber = plain(facts.chamber)
  const forces = facts.forces.length === 0 ? 'les forces de l’ordre' : facts.forces.map(plain).join(', ')
  const { days } = facts
  const period = (count: number) => periodText('fr', count)
  const list: readonly Processing[] = [
    {
      name: 'Liste des adhérents',
      purpose: 'prévenir par SMS les commerces adhérents d’un fait de délinquance proche',
      basis: 'charte signée par le commerce (contrat, art. 6.1.b)',
      data: 'enseigne, SIRET, métier, adresse ; nom, mobile et courriel des contacts ; plages de calme ; preuve de signature de la charte',
      recipients: `${chamber}, chambres de métier pour leurs métiers, ${forces} (numéros masqués)`,
      kept: `tant que le commerce adhère, puis ${period(days.member)}`,
    },
    {
      name: 'Envoi des SMS',
      purpose: 'remettre les alertes et prouver leur remise',
      basis: 'charte signée (art. 6.1.b)',
      data: 'numéro, commune, métier, état de remise, heure, passerelle',
      recipients: 'le prestataire SMS, sous-traitant (art. 28)',
      kept: `${period(days.deliveries)} après la diffusion, puis des décomptes sans personne`,
    },
    {
      name: 'Signalements et décisions',
      purpose: 'juger un appel au 17 et en rendre compte',
      basis: 'mission d’intérêt public ; directive (UE) 2016/680, titre III de la loi du 6 janvier 1978',
      data: 'catégorie, commune, heure, faits en mots, appelant, décision, auteur, accord du parquet',
      recipients: `${forces}, parquet ; jamais la chambre pour un texte de niveau 3 ni pour l’identité de l’appelant`,
      kept: `${period(days.reports)} après l’appel, appelant et lieu compris, même quand l’adhérent est effacé : la chambre n’y a pas accès`,
    },
    {
      name: 'Astreintes et magistrats',
      purpose:
        'joindre la deuxième personne d’une alerte et le magistrat dont l’accord est demandé ou consigné',
      basis: 'mission d’intérêt public (art. 6.1.e)',
      data: 'nom, service, mobile, courriel, heures d’astreinte, absences ; appels faits et leur heure',
      recipients: `chefs de service, ${chamber} ; les coordonnées d’un magistrat ne se montrent pas à qui consigne son accord ; prestataires SMS et courriel, sous-traitants (art. 28)`,
      kept: `tant que la personne est de la liste ; ses coordonnées jusqu’à ${period(days.on_call)} après son retrait ; son nom, tant qu’une autorisation le cite`,
    },
    {
      name: 'Comptes et traces',
      purpose: 'savoir qui a fait quoi, et qui a ouvert la fiche d’un adhérent',
      basis: 'obligation de sécurité (art. 32)',
      data: 'nom, service, droits, actes ; consultations des fiches',
      recipients: `${chamber}, chefs de service`,
      kept: `consultations : ${period(days.look)} ; journal d’audit : sans données des adhérents, gardé ; motifs et noms à côté : ${period(days.reason)} ; réseau d’où l’on a agi (adresse tronquée) : ${period(days.network)}`,
    },
    ...(facts.dues
      ? [
          {
            name: 'Cotisations',
            purpose: 'appeler, encaisser et comptabiliser les cotisations',
            basis: 'contrat et obligation comptable (art. 6.1.b et c ; C. com. L123-22)',
            data: `commerce, montants, paiements (moyen, date, référence), reçus, appels et relances ; donneur d’ordre et libellé des virements reçus${
              facts.debit ? ' ; titulaire, IBAN, mandat SEPA et sa signature, prélèvements et rejets' : ''
            }${facts.card ? ' ; référence du paiement par carte, jamais le numéro de la carte' : ''}`,
            recipients: [
              `${chamber}, son comptable`,
              ...(facts.debit
                ? [
                    'sa banque et celle du commerce (titulaire, IBAN, mandat, montant et date de chaque prélèvement)',
                  ]
                : ['sa banque']),
              ...(facts.card
                ? ['Stripe, prestataire de paiement (numéro de carte, montant, référence du commerce)']
                : []),
            ].join(' ; '),
            kept: `écritures, paiements et reçus : dix ans après la clôture de l’exercice, puis des montants sans personne ; appels et relances : ${period(days.notice)}, ou jusqu’au règlement de leur année ; relevés de banque, ce qui y est écrit d’un virement : ${period(days.statement)}${
              facts.debit
                ? ` ; IBAN, mandats et fichiers de prélèvement : ${period(days.mandate)} après le dernier prélèvement`
                : ''
            }`,
          },
        ]
      : []),
    {
      name: 'Messages de service',
      purpose: 'écrire à un groupe d’adhérents, ou à l’un d’eux, sur la vie du dispositif',
      basis: 'charte signée (art. 6.1.b)',
      data: 'texte, groupe visé, auteur, numéro ou adresse électronique, état de remise',
      recipients: `${chamber}, chambres de métier pour leurs métiers, chefs de service ; prestataires SMS et courriel, sous-traitants (art. 28)`,
      kept: `${period(days.messages)} ; sans son texte, une fois remis, s’il nomme un adhérent effacé`,
    },
    {
      name: 'Demandes sur les données',
      purpose: 'répondre aux demandes d’accès, de rectification, d’effacement et d’opposition, et le prouver',
      basis: 'obligation légale (art. 6.1.c ; art. 12 à 21)',
      data: 'nom de qui demande, commerce, demande, dates, réponse ; sans nom ni réponse après un effacement',
      recipients: chamber,
      kept: `${period(days.request)} après la réponse`,
    },
    ...(facts.reconfirmation
      ? [
          {
            name: 'Confirmation annuelle des numéros',
            purpose: 'n’écrire qu’à des numéros encore justes',
            basis: 'exactitude des données (art. 5.1.d)',
            data: 'numéro, date de la demande, réponse',
            recipients: chamber,
            kept: 'jusqu’à la demande suivante',
          },
        ]
      : []),
  ]
  const sections = list.map(
    ({ name, purpose, basis, data, recipients, kept }, index) => `### ${index + 1}. ${name}

| | |
|---|---|
| Finalité | ${purpose} |
| Base légale | ${basis} |
| Données | ${data} |
| Destinataires | ${recipients} |
| Durée | ${kept} |
`,
  )
  const { dpo } = facts.contact
  const reached = [dpo.name, dpo.phone === '' ? '' : readablePhone(dpo.phone), dpo.mail].filter(Boolean)
  const officer =
    reached.length === 0 ? '' : `Délégué à la protection des données : ${plain(reached.join(', '))}. `
  return `# Registre des traitements : ${plain(facts.name)}

Établi le ${frenchDay(day)} d’après les réglages du dispositif. Responsable de la liste des adhérents : ${chamber}. Responsables des signalements et décisions : ${forces}. ${officer}À compléter : ${officer === '' ? 'coordonnées du délégué à la protection des données, ' : ''}sous-traitants (hébergeur, prestataire SMS, courriel), accord entre responsables conjoints (art. 26).

${sections.join('\n')}
### Mesures de sécurité (art. 32)
Accès par compte et par droit, refusé par défaut ; données cloisonnées par dispositif dans la base ; numéros masqués pour qui n’en a pas besoin ; codes et jetons conservés sous forme d’empreintes ; aucun texte ni numéro dans les journaux techniques ; journal d’audit chaîné, dont toute altération se voit ; effacement chaque heure de ce qui a fait son temps, inscrit au journal d’audit avec le nombre et la date limite.

### Droits des personnes
Sur le portail : voir, exporter (JSON, CSV), corriger, quitter. Par écrit : à ${chamber}, réponse sous un mois (art. 12.3). STOP par SMS là où le numéro reçoit.

# Analyse d’impact : première trame

À relire et à compléter par le délégué à la protection des données ; consultation préalable de la CNIL si le risque résiduel reste élevé (art. 36).

## Contexte
Des SMS courts, sur décision d’un opérateur en liaison avec le parquet, aux commerces d’une zone. Expéditeur affiché : ${plain(facts.sender)}.

## Nécessité et proportionnalité
Le texte ne dit que ce que permet son niveau (prévention, faits établis, éléments précis) ; au niveau 3, l’accord d’un magistrat lie le contenu exact. Plaques, numéros, noms et descriptions sont signalés avant l’envoi. Les destinataires sont comptés avant, et seuls ceux de l’instantané approuvé reçoivent.${
    facts.leakTracing
      ? ' Le repérage des copies est activé : chaque SMS porte un repère propre à son destinataire, ce que la charte annonce.'
      : ''
  }

## Risques
| Risque | Effet | Mesures | À évaluer |
|---|---|---|---|
| Fuite d’un SMS hors du réseau | atteinte à la personne visée, à l’enquête | niveaux, garde du texte, « ne pas transférer », vérification publique d’un SMS${facts.leakTracing ? ', repères' : ''} | vraisemblance, gravité |
| Désignation d’un innocent | atteinte à la réputation | second regard, accord du parquet, rectificatif aux mêmes destinataires | vraisemblance, gravité |
| Accès illégitime à la liste des adhérents | démarchage, menace | droits, cloisonnement, masquage, trace des consultations | vraisemblance, gravité |
| Perte de disponibilité | alerte en retard | voies de secours, reprise sans perte ni doublon caché | vraisemblance, gravité |
| Conservation excessive | usage détourné | effacement automatique et prouvé | vraisemblance, gravité |

## Avis
Délégué à la protection des données : … Personnes concernées ou leurs représentants : … Décision du responsable : …
`
}
