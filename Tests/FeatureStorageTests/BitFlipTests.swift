import Foundation
import Tensors
import Testing

@testable import FeatureStorage

/// Every class of bytes that a store has, and bits flipped in each: what comes out is right or an error, and a verification
/// sees all that matters.
@Suite("Bit flips") struct BitFlipTests {
    enum Region: String, CaseIterable, Sendable {
        case segmentHeader, blockHeader, rowTable, payload, metadata, spaceBlock, footer, indexPage

        /// Whether a checksum covers every byte. The others have padding, free pages and comments.
        var isCovered: Bool { self != .spaceBlock && self != .footer && self != .indexPage }
        /// Whether the quick verification looks there.
        var isQuick: Bool { self == .segmentHeader || self == .blockHeader || self == .rowTable || self == .indexPage }
    }

    /// A range of bytes of one of the store's files.
    private struct Place {
        let file: String
        let bytes: Range<Int>
    }

    /// Everything that a reader can be asked.
    private struct Answers: Equatable {
        let contents: StoreContents
        let paths: ListedPaths
        let unlabeled: Int

        init(_ path: String) throws {
            contents = try StoreContents(path: path)
            let store = try FeatureStore(path: path)
            (paths, unlabeled) = (try store.listedPaths(), try store.summary().unlabeled)
        }
    }

    private static func places(_ folder: ScratchFolder, _ region: Region) throws -> [Place] {
        guard region != .indexPage else {
            return [Place(file: "index.sqlite", bytes: 0..<(try folder.bytes(folder.index).count))]
        }
        return try StoreLayout(path: folder.store).segmentNumbers().flatMap { number in
            let name = "segments/" + StoreLayout.segmentName(number)
            guard region != .segmentHeader else { return [Place(file: name, bytes: 0..<SegmentHeader.byteCount)] }
            return try folder.blocks(number).compactMap { Self.bytes(of: region, in: $0) }.filter { !$0.isEmpty }
                .map { Place(file: name, bytes: $0) }
        }
    }

    private static func bytes(of region: Region, in block: BlockHeader) -> Range<Int>? {
        let sections: [Region: Range<Int>] = [
            .blockHeader: 0..<BlockHeader.byteCount,
            .rowTable: block.rowTableOffset..<block.rowTableOffset + block.rows * Fingerprint.byteCount,
            .payload: block.payloadOffset..<block.payloadOffset + block.payload.stored,
            .metadata: block.metadataOffset..<block.metadataOffset + block.metadata.stored,
        ]
        let range: Range<Int>? =
            switch region {
            case .spaceBlock: block.kind == .space ? 0..<block.length : nil
            case .footer: block.kind == .footer ? 0..<block.length : nil
            case .metadata: block.kind == .chunk ? sections[region] : nil
            default: block.kind == .chunk && block.rows > 0 ? sections[region] : nil
            }
        return range.map { block.offset + $0.lowerBound..<block.offset + $0.upperBound }
    }

    /// Flips a bit of one of `places`, the same for the same generator.
    private static func flip(
        _ places: [Place], _ files: [String: [UInt8]], _ generator: inout SeededGenerator
    ) throws -> (file: String, bytes: [UInt8], description: String) {
        let place = places[generator.index(below: places.count)]
        let offset = place.bytes.lowerBound + generator.index(below: place.bytes.count)
        let bit = generator.index(below: 8)
        var bytes = try #require(files[place.file])
        bytes[offset] ^= 1 << bit
        return (place.file, bytes, "bit \(bit) of byte \(offset) of \(place.file)")
    }

    private static var count: Int { LongForm.isOn ? 2000 : 200 }

    /// The answers of a store as it is now, or nil where a reader says what is damaged.
    private static func answers(_ folder: ScratchFolder, _ what: String) throws -> Answers? {
        do { return try Answers(folder.store) } catch let error as InputError {
            #expect(
                error.object.hasPrefix(folder.store) || error.object == "index.sqlite", "\(what): \(error)")
            return nil
        }
    }

    @Test("give right answers or an error, and a verification finds those that matter", arguments: Region.allCases)
    func reading(region: Region) throws {
        let folder = try ScratchFolder.used()
        let (files, whole) = (try folder.files(), try Answers(folder.store))
        let places = try Self.places(folder, region)
        #expect(places.count > 1 || region == .indexPage)
        var generator = SeededGenerator(seed: 31)
        var effective = 0
        for _ in 0..<Self.count {
            let flip = try Self.flip(places, files, &generator)
            try folder.write(flip.bytes, to: "\(folder.store)/\(flip.file)")
            let found = try Self.answers(folder, flip.description)
            if let found { #expect(found == whole, "\(flip.description)") }
            let problems = try StoreVerification(path: folder.store, full: true).run().problems
            if found == nil || region.isCovered { #expect(!problems.isEmpty, "\(flip.description)") }
            if region.isQuick && !problems.isEmpty && (found == nil || region.isCovered) {
                let quick = try StoreVerification(path: folder.store, full: false).run().problems
                #expect(!quick.isEmpty, "quickly: \(flip.description)")
            }
            effective += problems.isEmpty ? 0 : 1
            try folder.restore(files)
        }
        #expect(effective > 0 && (effective == Self.count || !region.isCovered))
        try #expect(Answers(folder.store) == whole)
    }

    @Test("in features of every row type and codec never give another feature", arguments: RowType.allCases)
    func payloads(type: RowType) throws {
        let folder = try ScratchFolder()
        let space = FeatureSpace(name: "toy", fields: ["model": "toy"], dimension: 64, rowType: type)
        var writer = try FeatureStoreWriter(
            path: folder.store, space: space, otherSpaces: .add,
            limits: FeatureStoreWriter.Limits(chunkRows: 16, segmentBytes: 9000))
        for (number, row) in Self.rows(of: type, perKind: 16, dimension: 64).enumerated() {
            try writer.append(feature: row[...], of: Sample.picture(number))
        }
        try writer.finish()
        let whole = try FeatureStore(path: folder.store).readFeatures(in: space)
        let (files, places) = (try folder.files(), try Self.places(folder, .payload))
        let codecs = try StoreLayout(path: folder.store).segmentNumbers().flatMap { try folder.blocks($0) }
            .filter { $0.rows > 0 }.map(\.payloadCodec)
        let wanted: Set<PayloadCodec> = [.raw, .lz4, .zeroMask, .zeroMaskLZ4, .maskTree]
        #expect(Set(codecs) == wanted, "\(codecs)")
        var generator = SeededGenerator(seed: 32)
        for _ in 0..<Self.count {
            let flip = try Self.flip(places, files, &generator)
            try folder.write(flip.bytes, to: "\(folder.store)/\(flip.file)")
            let error = #expect(throws: InputError.self, "\(flip.description)") {
                _ = try FeatureStore(path: folder.store).readFeatures(in: space)
            }
            #expect(error?.object.hasPrefix("\(folder.store)/\(flip.file)") == true)
            try #expect(!StoreVerification(path: folder.store, full: true).run().problems.isEmpty)
            try folder.restore(files)
        }
        try #expect(FeatureStore(path: folder.store).readFeatures(in: space) == whole)
    }

    /// Rows for which each codec is the smallest: random bits, repetition, random bits between zeros, zeros, few values.
    private static func rows(of type: RowType, perKind count: Int, dimension: Int) -> [[Float]] {
        var generator = SeededGenerator(seed: 8)
        func noise() -> Float {
            let bits = UInt32(truncatingIfNeeded: generator.next()) & 0xBFFF_FFFF
            switch type {
            case .float16: return Float(Float16(bitPattern: UInt16(bits >> 16) | 1))
            case .float32: return Float(bitPattern: bits | 1)
            case .bfloat16: return Float(bitPattern: bits & 0xFFFF_0000 | 0x1_0000)
            case .uint8: return Float(bits >> 16 & 255) + 1
            }
        }
        return (0..<count * 5).map { row in
            (0..<dimension).map { column in
                switch row / count {
                case 0: noise()
                case 1: Float(column % 7 + 1) / 8
                case 2: generator.uniform() < 0.5 ? 0 : noise()
                case 3: 0
                default: Float((UInt32(truncatingIfNeeded: generator.next()) | 0xFF).leadingZeroBitCount + 1)
                }
            }
        }
    }

    @Test(
        "are repaired: what is lost is named, and computed again the store is the one it was",
        arguments: Region.allCases)
    func repair(region: Region) throws {
        let folder = try ScratchFolder.used()
        let (files, whole) = (try folder.files(), try StoreFacts(path: folder.store))
        let places = try Self.places(folder, region)
        var generator = SeededGenerator(seed: 33)
        var losses = 0
        for _ in 0..<Self.count / 8 {
            let flip = try Self.flip(places, files, &generator)
            try folder.write(flip.bytes, to: "\(folder.store)/\(flip.file)")
            let report = try StoreRepair(path: folder.store).run()
            let verification = try StoreVerification(path: folder.store, full: true).run()
            #expect(verification.problems.isEmpty, "\(flip.description): \(verification.problems)")
            let after = try StoreFacts(path: folder.store)
            let lost = Set(report.lostPictures + report.lostPaths)
            losses += lost.isEmpty ? 0 : 1
            #expect(lost == after.missing(of: whole), "\(flip.description)")
            #expect(after.failures == whole.failures, "\(flip.description)")
            for (fingerprint, space) in after.spaces {
                let before = try #require(whole.spaces[fingerprint])
                #expect(space.features.allSatisfy { before.features[$0.key] == $0.value }, "\(flip.description)")
            }
            try folder.build(lost, of: whole)
            try #expect(StoreFacts(path: folder.store) == whole, "\(flip.description)")
            try folder.restore(files)
        }
        let loses = [Region.segmentHeader, .blockHeader, .rowTable, .payload].contains(region)
        #expect((losses > 0) == loses)
    }
}
