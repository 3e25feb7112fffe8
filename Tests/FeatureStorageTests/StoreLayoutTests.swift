import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("The layout of a store") struct StoreLayoutTests {
    @Test("names segments by number and overlooks other files")
    func segments() throws {
        let folder = try ScratchFolder()
        let layout = StoreLayout(path: folder.store)
        #expect(try layout.segmentNumbers() == [])
        try layout.create()
        for name in [
            "000002.seg", "000010.seg", "1234567.seg", "3.seg", "000000.seg", "0000004.seg", "x.seg", "000005.tmp",
        ] {
            try folder.write([], to: layout.segmentsFolder + "/" + name)
        }
        #expect(try layout.segmentNumbers() == [2, 10, 1_234_567])
        #expect(StoreLayout.segmentName(1_234_567) == "1234567.seg")
        #expect(layout.segment(42).hasSuffix("/segments/000042.seg"))
    }

    @Test("does not take a folder with other things, or a file, for a store")
    func otherThings() throws {
        let folder = try ScratchFolder()
        try folder.write([1], to: folder.path + "/holiday.jpg")
        let error = #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.path) }
        #expect(error?.fact.contains("holiday.jpg") == true)
        #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.path + "/holiday.jpg") }
    }

    @Test("says what a reader can do where there is no store, no index, or no folder")
    func missing() throws {
        let folder = try ScratchFolder()
        let none = #expect(throws: InputError.self) { try FeatureStore(path: folder.store) }
        #expect(none?.fact == "does not exist")
        let empty = #expect(throws: InputError.self) { try FeatureStore(path: folder.path) }
        #expect(empty?.fact.contains("not a feature store") == true)
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<3)
        try writer.finish()
        try folder.remove(folder.index)
        let lost = #expect(throws: InputError.self) { try FeatureStore(path: folder.store) }
        #expect(lost?.remedy.contains("rebuilds the index") == true)
    }
}
