import Foundation
import GRDB
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

    @Test("makes nothing in a folder whose index is of another application, or is no database")
    func foreignIndex() throws {
        for statement in ["CREATE TABLE holidays (day)", "PRAGMA application_id = 77; CREATE TABLE a (b)"] {
            let folder = try ScratchFolder()
            try FileManager.default.createDirectory(atPath: folder.store, withIntermediateDirectories: true)
            let queue = try DatabaseQueue(path: folder.index)
            try queue.writeWithoutTransaction { try $0.execute(sql: statement) }
            try queue.close()
            let before = try folder.bytes(folder.index)
            let error = #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.store) }
            #expect(error?.fact.contains("another application") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.store) == ["index.sqlite"])
            #expect(try folder.bytes(folder.index) == before)
        }
        let folder = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: folder.store, withIntermediateDirectories: true)
        try folder.write(
            Data(
                "a catalog of my own, longer than a header of SQLite's is, 100 bytes".utf8
                    + [UInt8](repeating: 65, count: 100)), to: folder.index)
        #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.store) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.store) == ["index.sqlite"])
    }

    @Test("goes on where an index was begun and never finished, and where the lock file is gone")
    func unfinishedIndex() throws {
        let folder = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: folder.store, withIntermediateDirectories: true)
        try folder.write([], to: folder.index)
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<3)
        try writer.finish()
        try folder.remove(folder.store + "/LOCK")
        let again = try FeatureStoreWriter(small: folder.store)
        #expect(again.committedRows == 3)
        try again.finish()
    }
}
