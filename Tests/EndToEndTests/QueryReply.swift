/// What `query --json` prints.
struct QueryReply: Decodable {
    struct Neighbor: Decodable, Equatable {
        let rank: Int
        let score: Float
        let label: String?
        let path, id: String
    }

    struct Result: Decodable {
        struct Suggestion: Decodable {
            let label: String
            let share: Double
            let votes: Int
        }

        let head: String
        let neighbors: [Neighbor]
        let suggestions: [Suggestion]?
    }

    struct Query: Decodable {
        let query, id: String
        let results: [Result]
    }

    let schema: Int
    let space, metric: String
    let queries: [Query]
    let failures: [String]

    /// What the first query found under the first head.
    var neighbors: [Neighbor] { queries.first?.results.first?.neighbors ?? [] }
}
