/** Whether the device is used by fingers, so that texts speak of them and not of keys. */
export function isTouched(): boolean {
  return matchMedia('(pointer: coarse)').matches
}
