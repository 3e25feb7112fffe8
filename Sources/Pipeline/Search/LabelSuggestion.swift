import Foundation

/// A label that the neighbors of a picture suggest.
public struct LabelSuggestion: Sendable, Hashable, Codable {
    /// The label.
    public let label: String
    /// Its part of the weighted votes of the neighbors that have a label, 0...1.
    public let share: Double
    /// How many neighbors have it.
    public let votes: Int

    /// How much nearer neighbors count for more: Wu et al., "Unsupervised Feature Learning via Non-Parametric Instance Discrimination",
    /// 2018, equation 6.
    static let temperature = 0.07

    /// The labels of `neighbors`, which were found by cosine similarity `s`: each votes with the weight `exp(s / 0.07)`. The label with the
    /// largest share comes first, of equal ones the first by name; none where no neighbor has a label.
    public static func among(_ neighbors: [FoundPicture]) -> [LabelSuggestion] {
        guard let best = neighbors.map(\.score).max() else { return [] }
        var (weights, votes) = ([String: Double](), [String: Int]())
        for neighbor in neighbors {
            guard let label = neighbor.label else { continue }
            weights[label, default: 0] += exp(Double(neighbor.score - best) / temperature)
            votes[label, default: 0] += 1
        }
        let total = weights.values.reduce(0, +)
        return weights.map { LabelSuggestion(label: $0.key, share: $0.value / total, votes: votes[$0.key] ?? 0) }
            .sorted { ($1.share, $0.label) < ($0.share, $1.label) }
    }
}
