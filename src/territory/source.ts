/** Where contours come from when no file is given. src/gateways/geo satisfies it. */
export interface ContourSource {
  /** For people and the record of the import: a host, a file name. */
  readonly name: string
  /**
   * The communes of a département as the bytes of a GeoJSON FeatureCollection.
   * @throws AppError `source_unreachable`, `file_too_large`; the signal's reason when it is aborted.
   */
  fetchContours(departementCode: string, signal?: AbortSignal): Promise<Uint8Array>
}
