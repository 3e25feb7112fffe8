import Tensors

/// Which segment a writer appends to. What these write is on the disk and in the index when they return; `sequence` is the
/// number of the next block.
extension SegmentWriter {
    /// The unsealed segment of `space`, or a new one. Where the space has another name or recipe by now, the segment is
    /// told.
    static func open(
        _ layout: StoreLayout, _ index: IndexDatabase, _ space: FeatureSpace, _ sequence: inout Int64
    ) throws -> SegmentWriter {
        let (segments, spaces) = try index.read { (try $0.segments(), try $0.spaces()) }
        let id = spaces.first { $0.space.fingerprint == space.fingerprint }?.id
        guard let open = segments.last(where: { $0.spaceID == id && !$0.isSealed }) else {
            return try new(layout, index, space, &sequence)
        }
        let file = try SegmentFile(layout, number: open.number, .write).unshared(layout)
        var writer = SegmentWriter(file, header: try file.header(), length: open.committedLength)
        if !spaces.contains(where: { $0.space == space }) {
            let block = try writer.append(.space, sequence: sequence, metadata: BlockMetadata(space: space))
            sequence += 1
            try index.write { changes in
                let replay = BlockReplay(changes)
                try replay.enter(space)
                try replay.advance(segment: open.number, past: block)
            }
        }
        return writer
    }

    /// Seals this segment with a footer and begins the next.
    mutating func sealAndBeginNext(
        _ layout: StoreLayout, _ index: IndexDatabase, _ space: FeatureSpace, _ sequence: inout Int64
    ) throws -> SegmentWriter {
        let number = file.number
        let counts = try index.read { try $0.footer(ofSegment: number) }
        let footer = try append(.footer, sequence: sequence, metadata: BlockMetadata(footer: counts))
        sequence += 1
        try index.write { try BlockReplay($0).advance(segment: number, past: footer) }
        return try Self.new(layout, index, space, &sequence)
    }

    private static func new(
        _ layout: StoreLayout, _ index: IndexDatabase, _ space: FeatureSpace, _ sequence: inout Int64
    ) throws -> SegmentWriter {
        let number = (try layout.segmentNumbers().last ?? 0) + 1
        let (writer, block) = try SegmentWriter.begin(layout, number: number, space: space, sequence: sequence)
        sequence += 1
        try index.write { changes in
            let replay = BlockReplay(changes)
            try replay.enter(space)
            try replay.enter(segment: number, writer.header)
            try replay.advance(segment: number, past: block)
        }
        return writer
    }
}
