/// The features of a chunk as they go to the file: scales, then values in the smallest codec.
struct PackedPayload {
    let codec: PayloadCodec
    let bytes: [UInt8]
    /// How many bytes they were before.
    let rawCount: Int

    /// Packs `values` of `width` bytes; `scales` stand in front of them as they are.
    init(scales: [UInt8], values: [UInt8], width: Int) {
        let packed = values.withUnsafeBytes { PayloadCodec.pack($0, width: width) }
        self.init(
            codec: packed.codec, bytes: scales.isEmpty ? packed.bytes : scales + packed.bytes,
            rawCount: scales.count + values.count)
    }

    /// A payload that is packed already.
    init(codec: PayloadCodec, bytes: [UInt8], rawCount: Int) {
        (self.codec, self.bytes, self.rawCount) = (codec, bytes, rawCount)
    }

    /// No features.
    static let none = PackedPayload(codec: .raw, bytes: [], rawCount: 0)
}
