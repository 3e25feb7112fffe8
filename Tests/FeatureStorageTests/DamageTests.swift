import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Bit rot") struct DamageTests {
    private func written() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store, segmentBytes: 3000)
        try writer.append(samples: 0..<14)
        try writer.finish()
        return folder
    }

    /// Whether every row is the one that was stored, for the content that it stands with.
    private func isRight(_ table: FeatureTable) -> Bool {
        let numbers = Dictionary(uniqueKeysWithValues: (0..<14).map { (Sample.content($0), $0) })
        return table.contents.enumerated().allSatisfy { row, content in
            numbers[content].map { Array(table.features.row(row)) == Sample.feature($0) } ?? false
        }
    }

    @Test("of any bit of a segment is an error of the reader that names the segment, or does not matter")
    func reading() throws {
        let folder = try written()
        let whole = try FeatureStore(path: folder.store).readFeatures(in: Sample.space())
        let bytes = try folder.bytes(folder.segment())
        var generator = SeededGenerator(seed: 21)
        var detected = 0
        for _ in 0..<400 {
            var flipped = bytes
            flipped[generator.index(below: bytes.count)] ^= 1 << generator.index(below: 8)
            try folder.write(flipped, to: folder.segment())
            do {
                #expect(try FeatureStore(path: folder.store).readFeatures(in: Sample.space()) == whole)
            } catch let error as InputError {
                #expect(error.object.hasPrefix(folder.segment()))
                detected += 1
            }
        }
        #expect(detected > 120)
    }

    @Test("of any bit of a segment is found when the index is made again, or does not matter")
    func adoption() throws {
        let folder = try written()
        let bytes = try folder.bytes(folder.segment())
        let index = StoreLayout(path: folder.store)
        let others = try index.segmentNumbers().dropFirst().map { ($0, try folder.bytes(folder.segment($0))) }
        let before = try StoreContents(path: folder.store)
        var generator = SeededGenerator(seed: 22)
        var (detected, harmless) = (0, 0)
        for _ in 0..<250 {
            var flipped = bytes
            flipped[generator.index(below: bytes.count)] ^= 1 << generator.index(below: 8)
            try folder.write(flipped, to: folder.segment())
            for (number, bytes) in others { try folder.write(bytes, to: folder.segment(number)) }
            try folder.remove(folder.index)
            do {
                let recovery = try FeatureStoreWriter(small: folder.store, segmentBytes: 3000).recovery
                let after = try StoreContents(path: folder.store)
                #expect(isRight(after.spaces[0].features))
                if recovery.segments.contains(where: { $0.tornBytes > 0 || !$0.damagedRanges.isEmpty }) {
                    detected += 1
                } else {
                    harmless += 1
                    #expect(after.spaces[0].features == before.spaces[0].features)
                    #expect(after.spaces[0].pictures == before.spaces[0].pictures)
                }
            } catch is InputError { detected += 1 }
        }
        #expect(detected > 150)
        #expect(harmless < 100)
    }
}
