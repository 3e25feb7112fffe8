import Pipeline
import Tensors

/// What a query found under each head.
struct QueryAnswer: Encodable {
    /// What one head found.
    struct Result: Encodable {
        let head: String
        let neighbors: [FoundPicture]
        let suggestions: [LabelSuggestion]?
    }

    /// What `query --json` prints.
    struct Document: Encodable {
        let schema = 2
        let space: String
        let metric: SearchMetric
        let queries: [QueryAnswer]
        let failures: [String]
    }

    let query: String
    let id: Fingerprint
    let results: [Result]

    /// Tables for people, one a head, with titles where there are several.
    func text(isAlone: Bool) -> String {
        let title = isAlone ? [] : ["\(Formats.visible(query)):"]
        let tables = results.map { result in
            (results.count > 1 ? "\(result.head):\n" : "") + Self.table(result.neighbors)
                + (result.suggestions.map { "\n" + Self.sentence($0) } ?? "")
        }
        return (title + tables).joined(separator: "\n")
    }

    private static func table(_ neighbors: [FoundPicture]) -> String {
        var table = TextTable([("rank", .right), ("score", .right), ("label", .left), ("path", .left)])
        for picture in neighbors {
            table.add([
                "\(picture.rank)", Formats.metric(Double(picture.score)), picture.label ?? "-",
                Formats.path(picture.path),
            ])
        }
        return table.text
    }

    private static func sentence(_ suggestions: [LabelSuggestion]) -> String {
        guard !suggestions.isEmpty else { return "no neighbor has a label" }
        let shares = suggestions.prefix(3).map { suggestion in
            "\(Formats.visible(suggestion.label)) \(Int((suggestion.share * 100).rounded())) % (\(Formats.count(suggestion.votes, "vote")))"
        }
        return "suggested label: " + shares.joined(separator: ", ")
    }
}
