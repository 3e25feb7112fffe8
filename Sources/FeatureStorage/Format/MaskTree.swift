import CKernels

/// The bitmap of `ZeroMask`, then the bytes of the values that are not zero by plane, least significant first: each plane a
/// method byte and the bytes as they are, or a `WaveletTree`.
enum MaskTree {
    private enum Method: UInt8 { case raw = 0, tree }

    /// Packs values whose zeros are out already.
    static func pack(_ mask: ZeroMask) -> [UInt8] {
        mask.bytes.withUnsafeBytes { bytes in
            var packed = Array(bytes[..<mask.bitmapByteCount])
            let values = UnsafeRawBufferPointer(rebasing: bytes[mask.bitmapByteCount...])
            let planes = [UInt8](unsafeUninitializedCapacity: values.count) { target, count in
                if let target = target.baseAddress, let values = values.baseAddress {
                    ftc_split_planes(values, mask.keptCount, mask.width, target)
                }
                count = values.count
            }
            planes.withUnsafeBytes { planes in
                for position in 0..<mask.width {
                    let range = position * mask.keptCount..<(position + 1) * mask.keptCount
                    append(UnsafeRawBufferPointer(rebasing: planes[range]), to: &packed)
                }
            }
            return packed
        }
    }

    private static func append(_ plane: UnsafeRawBufferPointer, to packed: inout [UInt8]) {
        if let tree = WaveletTree.encode(plane, ifBelow: plane.count) {
            packed.append(Method.tree.rawValue)
            packed += tree
        } else {
            packed.append(Method.raw.rawValue)
            packed += plane
        }
    }

    /// Fills `target` with the values of `stored`. Throws `.damaged` where they are not exactly as many.
    static func unpack(
        _ stored: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) {
        let count = target.count / width
        var rest = stored
        let bitmap = try rest.take(Bitmap.byteCount(of: count))
        let kept = try Bitmap.ones(in: bitmap, count: count)
        // One piece of memory: the planes, room for the trees, and the values joined from the planes.
        let joinedBytes = width == 1 ? 0 : kept * width
        let scratch = UnsafeMutableRawBufferPointer.allocate(
            byteCount: joinedBytes + kept * (width + 1), alignment: 64)
        defer { scratch.deallocate() }
        let joined = UnsafeMutableRawBufferPointer(rebasing: scratch[..<joinedBytes])
        let planes = UnsafeMutableRawBufferPointer(rebasing: scratch[joinedBytes..<joinedBytes + kept * width])
        let room = UnsafeMutableRawBufferPointer(rebasing: scratch[(joinedBytes + kept * width)...])
        for position in 0..<width {
            let plane = UnsafeMutableRawBufferPointer(rebasing: planes[position * kept..<(position + 1) * kept])
            try decode(&rest, into: plane, room: room)
        }
        guard rest.isEmpty else { throw .damaged("bytes follow its features") }
        let packed = join(UnsafeRawBufferPointer(planes), count: kept, width: width, into: joined)
        ftc_expand(bitmap.baseAddress, packed.baseAddress, kept, width, target.baseAddress, count)
    }

    private static func decode(
        _ rest: inout UnsafeRawBufferPointer, into plane: UnsafeMutableRawBufferPointer,
        room: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) {
        switch Method(rawValue: try rest.take(1)[0]) {
        case .raw: plane.copyMemory(from: try rest.take(plane.count))
        case .tree: try WaveletTree.decode(&rest, into: plane, room: room)
        case nil: throw .damaged("a plane is packed in no known way")
        }
    }

    /// Values from their bytes by plane. Gives back `planes` itself where there is one.
    private static func join(
        _ planes: UnsafeRawBufferPointer, count: Int, width: Int, into target: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        guard width > 1, let first = planes.baseAddress, let values = target.baseAddress else { return planes }
        ftc_join_planes(first, count, width, values)
        return UnsafeRawBufferPointer(target)
    }
}
