import FeatureStorage
import Foundation
import ImageInput
import Pipeline
import Tensors

/// What queries found, with the pictures.
struct QueryViews {
    private let answers: [QueryAnswer]
    private let store: FeatureStore
    /// Pictures that came as bytes, by name.
    private let bytes: [String: Data]

    init(_ answers: [QueryAnswer], _ inputs: [QueryInput], in store: FeatureStore) {
        (self.answers, self.store) = (answers, store)
        bytes = Dictionary(
            inputs.compactMap { if case .bytes(let data, let name) = $0 { (name, data) } else { nil } },
            uniquingKeysWith: { first, _ in first })
    }

    /// Where a query's picture is: a file, or, for one that was named by its id, where a neighbor with the same bytes is.
    private func path(of answer: QueryAnswer) -> String {
        if bytes[answer.query] != nil || FileManager.default.fileExists(atPath: answer.query) { return answer.query }
        return answer.results.lazy.flatMap(\.neighbors).first { $0.id == answer.id }?.path ?? answer.query
    }

    private func pictures(side: Int) -> Thumbnails {
        let found = answers.flatMap { $0.results.flatMap { $0.neighbors.map(\.path) } }
        return Thumbnails(of: found + answers.map(path), and: bytes, side: side)
    }

    /// Writes a page; `labels` are those of the queries. Throws `InputError` where that cannot be done.
    func writePage(to file: String, labels: [String?], space: FeatureSpace, manner: String) throws {
        let sections = zip(answers, labels).map { answer, label in
            QueryPage.Section(
                name: answer.query, path: path(of: answer), label: label,
                results: answer.results.map { ($0.head, $0.neighbors) })
        }
        let heads = answers.first?.results.map(\.head) ?? []
        let facts = [
            ("store", store.path), ("space", space.name), ("head", heads.joined(separator: ", ")), ("search", manner),
        ]
        let page = QueryPage(sections, facts: facts, thumbnails: pictures(side: QueryPage.side))
        try AtomicFile.write(Data(page.text.utf8), to: file)
        Console.note("\(file): \(Formats.count(answers.count, "query", "queries"))")
    }

    /// A strip for each query and head: the query, then what was found.
    func strips(by graphics: TerminalGraphics) -> String {
        let side = 96
        let thumbnails = pictures(side: side)
        let gap = Picture(width: 1, height: 1, pixels: [255, 255, 255])
        return answers.flatMap { answer in
            answer.results.map { result in
                let all = [path(of: answer)] + result.neighbors.map(\.path)
                return graphics.text(Picture.strip(all.map { thumbnails[$0] ?? gap }, side: side))
            }
        }.joined(separator: "\n")
    }
}
