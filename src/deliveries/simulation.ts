/** True when a message begun now is simulated: in the demo, and wherever no gateway reaches a real phone. */
export function isSimulated(demo: boolean, gateways: readonly { readonly simulated: boolean }[]): boolean {
  return demo || (gateways.length > 0 && gateways.every((gateway) => gateway.simulated))
}
