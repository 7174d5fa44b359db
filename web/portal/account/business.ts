import type { OwnBusiness, OwnShopView } from '../../../src/portal/shop/contract.ts'
import type { Commune } from '../../ui/fields/communes/CommuneSelect.tsx'

type Business = OwnShopView['business']

export interface BusinessValues {
  readonly name: string
  readonly address: string
  readonly postalCode: string
  readonly commune: Commune | null
  readonly trade: string
  readonly siret: string
}

/** Returns what the form begins with: the stored values, or those that wait for the chamber. */
export function startOf(business: Business): BusinessValues {
  const { correction } = business
  const asked = correction?.state === 'waiting' ? correction : null
  const isMoving = asked !== null && asked.commune !== null
  const place = isMoving ? asked : business
  return {
    name: asked?.name ?? business.name,
    address: place.address ?? '',
    postalCode: place.postalCode ?? '',
    commune: isMoving ? asked.commune : business.commune,
    trade: asked?.trade?.code ?? business.trade.code,
    siret: asked?.siret ?? business.siret ?? '',
  }
}

/**
 * Returns what picking a commune sets. The present commune has the stored address again; a street of another commune must not be stored
 * there.
 */
export function valuesOfCommune(
  business: Business,
  { commune: before, address }: Pick<BusinessValues, 'commune' | 'address'>,
  commune: Commune | null,
): Pick<BusinessValues, 'commune' | 'address' | 'postalCode'> {
  if (commune?.code !== business.commune.code) return { commune, address, postalCode: '' }
  const isBack = before?.code !== commune.code
  return {
    commune,
    address: isBack ? (business.address ?? '') : address,
    postalCode: business.postalCode ?? '',
  }
}

/**
 * Returns what the user changed, which alone is sent: the rest, possibly changed by the chamber meanwhile, stays. With an address, it
 * says which one it replaces.
 * @param business as the form began with it
 */
export function changedValues(
  business: Business,
  start: BusinessValues,
  { commune, ...values }: BusinessValues,
): OwnBusiness {
  const { name, address, postalCode, trade, siret } = values
  const isElsewhere = commune !== null && commune.code !== start.commune?.code
  const isMoving = commune !== null && commune.code !== business.commune.code
  // Without a commune, nothing says where the address is.
  const isPlaceChanged =
    commune !== null && (isElsewhere || address !== start.address || postalCode !== start.postalCode)
  return {
    ...(name !== start.name && { name }),
    ...(trade !== start.trade && { trade }),
    ...(siret !== start.siret && { siret }),
    // The address belongs to its commune.
    ...(isPlaceChanged && {
      address,
      postalCode,
      was: { commune: business.commune.code, address: business.address, postalCode: business.postalCode },
    }),
    ...(isPlaceChanged && (isElsewhere || isMoving) && { commune: commune.code }),
  }
}
