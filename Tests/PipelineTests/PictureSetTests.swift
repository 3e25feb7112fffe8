import FeatureStorage
import Foundation
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("A set of pictures")
struct PictureSetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func pictures(_ paths: [String]) -> [StoredPicture] {
        paths.map {
            StoredPicture(path: $0, root: folder.path(""), label: nil, content: Fingerprint(of: Array($0.utf8)))
        }
    }

    private func names(_ text: String, of all: [StoredPicture]) throws -> Set<String> {
        let contents = try PictureSet(text).contents(in: all)
        return Set(all.filter { contents.contains($0.content) }.map { ($0.path as NSString).lastPathComponent })
    }

    @Test("is a folder, not one whose name begins alike")
    func folders() throws {
        let all = pictures(["a/1.jpg", "a/b/2.jpg", "ab/3.jpg"].map(folder.path))
        #expect(try names(folder.path("a"), of: all) == ["1.jpg", "2.jpg"])
        #expect(try names(folder.path("a/"), of: all) == ["1.jpg", "2.jpg"])
    }

    @Test("is a file or a split of it, with paths relative to it")
    func files() throws {
        let all = pictures(["1.jpg", "2.jpg", "3.jpg"].map(folder.path))
        let table = folder.path("table.csv")
        try "path,split\n1.jpg,a\n\(folder.path("2.jpg")),b\n./x/../3.jpg,b\n".write(
            toFile: table, atomically: true, encoding: .utf8)
        #expect(try names(table, of: all) == ["1.jpg", "2.jpg", "3.jpg"])
        #expect(try names("\(table):b", of: all) == ["2.jpg", "3.jpg"])
        #expect(throws: InputError.self) { try names("\(table):c", of: all) }
        #expect(throws: InputError.self) { try names("\(table):", of: all) }
    }

    @Test("is a split that the store was told, alone or beside another")
    func splits() throws {
        let all = [("1.jpg", "train"), ("2.jpg", "gallery,query"), ("3.jpg", "query"), ("4.jpg", nil)].map {
            StoredPicture(
                path: "/p/\($0.0)", root: "/p", label: nil, split: $0.1, content: Fingerprint(of: Array($0.0.utf8)))
        }
        #expect(try names("query", of: all) == ["2.jpg", "3.jpg"])
        #expect(try names("train", of: all) == ["1.jpg"])
        let error = try #require(throws: InputError.self) { try names("test", of: all) }
        #expect(error.fact.hasSuffix("(it has gallery,query; query; train)"))
    }

    @Test("that names something else is refused with its place")
    func unknown() throws {
        let all = pictures([folder.path("1.jpg")])
        let list = folder.path("list.txt")
        try "1.jpg\n\n9.jpg\n".write(toFile: list, atomically: true, encoding: .utf8)
        let error = try #require(throws: InputError.self) { try names(list, of: all) }
        #expect(error.object.hasSuffix("list.txt, row 3") && error.fact.hasSuffix("9.jpg"))
        #expect(throws: InputError.self) { try names(folder.path("nowhere"), of: all) }
    }

    @Test("decides what is held out and what that is searched in; neither trains")
    func validation() throws {
        let sample = try SampleStore(classes: 4, perClass: 10)
        let table = folder.path("table.csv")
        // Pictures come class by class in turn.
        let lines = (0..<40).map { "/p/c\($0 % 4)/\($0).jpg,\($0 < 8 ? "query" : $0 < 20 ? "gallery" : "train")" }
        try ("path,split\n" + lines.joined(separator: "\n")).write(toFile: table, atomically: true, encoding: .utf8)
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize) = (1, 8)
        settings.validation = ValidationChoice("\(table):query")
        settings.validationIndex = PictureSet("\(table):gallery")
        let store = try sample.open()
        let result = try HeadTrainer(settings).train(
            try FeatureDataset(store: store, space: sample.space), progress: { _ in })
        #expect(result.trainingCount == 20 && result.heldOutCount == 8)
        let data = try LabeledFeatures(store: store, space: sample.space)
        func rows(_ split: String) throws -> [Int] {
            try data.rows(in: PictureSet("\(table):\(split)"), of: store, space: sample.space)
        }
        let expected = try Evaluator(head: nil).metrics(of: data, queries: rows("query"), in: rows("gallery"))
        #expect(result.before == expected && expected.queries == 8)
        #expect(try expected != Evaluator(head: nil).metrics(of: data))
        settings.validation = .none
        #expect(throws: InputError.self) {
            try HeadTrainer(settings).train(try FeatureDataset(store: store, space: sample.space), progress: { _ in })
        }
    }

    @Test("that is searched in another tells which classes are taken for which")
    func confusions() throws {
        let labels = [0, 0, 1, 1, 2, 2]
        let vectors = Matrix(rows: 6, columns: 2, elements: [1, 0, 1, 0.1, 1, 0.11, 0, 1, 0.1, 1, 0.9, 0.1])
        let sets = EvaluationSets(Array(0..<6))
        var expected: [[Int]: Int] = [:]
        for query in 0..<6 {
            let unit = vectors.normalizedRows()
            let best = (0..<6).filter { $0 != query }.max { left, right in
                let scores = [left, right].map { other in
                    zip(unit.row(query), unit.row(other)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                }
                return scores[0] < scores[1]
            }
            let found = labels[try #require(best)]
            if found != labels[query] { expected[[labels[query], found], default: 0] += 1 }
        }
        let confusions = sets.confusions(vectors, labels: labels)
        #expect(expected.count > 2)
        #expect(
            Dictionary(uniqueKeysWithValues: confusions.map { ([$0.pair.label, $0.pair.found], $0.count) }) == expected)
        #expect(confusions.map(\.count) == confusions.map(\.count).sorted(by: >))
    }
}
