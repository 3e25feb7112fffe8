/// How the values of a chunk are packed. Every codec gives back the same bytes.
enum PayloadCodec: UInt8, Sendable, CaseIterable {
    /// The values as they are.
    case raw = 0
    /// An LZ4 block of the values.
    case lz4
    /// A bitmap of the values that are not zero, then those; see `ZeroMask`.
    case zeroMask
    /// An LZ4 block of the bytes of `zeroMask`.
    case zeroMaskLZ4
    /// The bitmap, then the values' bytes by plane as wavelet trees; see `MaskTree`.
    case maskTree

    /// The smallest form of `values`, each of `width` bytes (1, 2 or 4), and its codec; of equals the lowest code.
    static func pack(_ values: UnsafeRawBufferPointer, width: Int) -> (codec: PayloadCodec, bytes: [UInt8]) {
        let mask = zeroMask(of: values, width)
        var smallest: (codec: PayloadCodec, bytes: [UInt8])?
        for codec in allCases {
            let limit = smallest?.bytes.count ?? .max
            guard let bytes = codec.pack(values, mask), bytes.count < limit else { continue }
            smallest = (codec, bytes)
        }
        return smallest ?? (.raw, Array(values))
    }

    /// `values` in this codec, or nil where it does not apply: an LZ4 block that would not be smaller than what is in it,
    /// and any codec but `raw` of no values.
    func pack(_ values: UnsafeRawBufferPointer, width: Int) -> [UInt8]? {
        pack(values, Self.zeroMask(of: values, width))
    }

    private static func zeroMask(of values: UnsafeRawBufferPointer, _ width: Int) -> ZeroMask {
        precondition([1, 2, 4].contains(width), "values of \(width) bytes")
        precondition(values.count.isMultiple(of: width), "\(values.count) bytes of values of \(width) bytes")
        return ZeroMask(of: values, width: width)
    }

    private func pack(_ values: UnsafeRawBufferPointer, _ mask: ZeroMask) -> [UInt8]? {
        guard self == .raw || !values.isEmpty else { return nil }
        switch self {
        case .raw: return Array(values)
        case .lz4: return LZ4.pack(values)
        case .zeroMask: return mask.bytes
        case .zeroMaskLZ4: return mask.bytes.withUnsafeBytes { LZ4.pack($0) }
        case .maskTree: return MaskTree.pack(mask)
        }
    }

    /// Whether `stored` bytes can unpack to `raw` bytes of values of `width` bytes at all. To be asked before memory is
    /// taken for them; then `raw` is at most 8,160 times `stored`.
    func canHold(stored: Int, raw: Int, width: Int) -> Bool {
        guard stored >= 0, raw >= 0, raw.isMultiple(of: width) else { return false }
        let bitmap = Bitmap.byteCount(of: raw / width)
        guard self == .raw || raw > 0 else { return false }
        switch self {
        case .raw: return stored == raw
        case .lz4: return LZ4.canUnpack(stored, to: raw)
        case .zeroMask: return stored >= bitmap && stored - bitmap <= raw
        case .zeroMaskLZ4: return LZ4.canUnpack(stored, to: bitmap)
        case .maskTree: return stored >= bitmap && stored - bitmap >= width
        }
    }

    /// Fills `target` with the values of `width` bytes that `stored` holds. Throws `.damaged` where it does not hold exactly
    /// as many, whatever the bytes are.
    func unpack(
        _ stored: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) {
        guard canHold(stored: stored.count, raw: target.count, width: width) else {
            throw .damaged("its lengths do not fit")
        }
        guard !target.isEmpty else { return }
        switch self {
        case .raw: target.copyMemory(from: stored)
        case .lz4: try LZ4.unpack(stored, into: target)
        case .zeroMask: try ZeroMask.unpack(stored, width: width, into: target)
        case .zeroMaskLZ4: try Self.unpackMasked(stored, width, target)
        case .maskTree: try MaskTree.unpack(stored, width: width, into: target)
        }
    }

    private static func unpackMasked(
        _ stored: UnsafeRawBufferPointer, _ width: Int, _ target: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) {
        let most = min(Bitmap.byteCount(of: target.count / width) + target.count, LZ4.largestInput)
        let masked = UnsafeMutableRawBufferPointer.allocate(byteCount: most, alignment: 64)
        defer { masked.deallocate() }
        let count = try LZ4.unpack(stored, upTo: masked)
        try ZeroMask.unpack(UnsafeRawBufferPointer(rebasing: masked[..<count]), width: width, into: target)
    }
}
