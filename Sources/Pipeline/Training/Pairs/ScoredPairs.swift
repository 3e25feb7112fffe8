import FeatureStorage
import MetricLearning
import Retrieval
import Tensors

/// Scored pairs with the features of their pictures: those that train and those that judge.
struct ScoredPairs {
    /// Every picture's features once, `[pictures, dimension]`.
    let features: Matrix
    /// The rows of each pair's pictures.
    let rows: [(first: Int, second: Int)]
    let scores: [Float]
    /// Positions of pairs; neither has one of the other.
    let training, heldOut: [Int]

    /// The fewest pairs of which some are held out.
    static let fewest = 20

    /// Reads the features of all pairs and holds a part of the pairs out, chosen by `seed`. Throws the reader's error about a damaged
    /// chunk, and `InputError` where a picture has lost its feature since.
    init(_ pairs: PicturePairs, of dataset: FeatureDataset, heldOutFraction: Double, seed: UInt64, threads: Int) throws
    {
        let all = Array(dataset.rows.indices)
        let numbers = Dictionary(
            zip(try dataset.pictures(of: all).map(\.content), all), uniquingKeysWith: { first, _ in first })
        rows = try pairs.pairs.map { pair in
            guard let first = numbers[pair.first], let second = numbers[pair.second] else {
                throw InputError("store", "was rearranged while it was being read", remedy: "Train again.")
            }
            return (first, second)
        }
        scores = pairs.pairs.compactMap(\.score)
        features = try dataset.features(of: all, threads: threads)
        var order = Array(rows.indices)
        var generator = SeededGenerator(seed: seed)
        generator.shuffle(&order)
        let count = rows.count < Self.fewest ? 0 : Int((Double(rows.count) * heldOutFraction).rounded())
        (heldOut, training) = (Array(order.prefix(count)).sorted(), Array(order.dropFirst(count)).sorted())
    }

    /// The rows of the pictures that the training pairs have, each once.
    var trainingRows: [Int] { Set(training.flatMap { [rows[$0].first, rows[$0].second] }).sorted() }

    /// A batch of some pairs as `PairsInBatch` takes it.
    func batch(_ pairs: some Collection<Int>) -> (features: Matrix, labels: [Int]) {
        let wanted = pairs.map { rows[$0].first } + pairs.map { rows[$0].second }
        return (features.rows(at: wanted), Array(pairs) + Array(pairs))
    }

    /// How well the cosines of held-out pairs follow their scores, under `head` or with the features as they are; nil where no pair is
    /// held out.
    func correlation(_ head: ProjectionHead?) -> PairCorrelation? {
        guard !heldOut.isEmpty else { return nil }
        let both = batch(heldOut).features
        let vectors = head?.embeddings(of: both) ?? both
        let cosines = heldOut.indices.map { pair in
            let (left, right) = (vectors.row(pair), vectors.row(pair + heldOut.count))
            let length = (left.reduce(0) { $0 + $1 * $1 } * right.reduce(0) { $0 + $1 * $1 }).squareRoot()
            return zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } / max(length, .leastNormalMagnitude)
        }
        return PairCorrelation(cosines: cosines, scores: heldOut.map { scores[$0] })
    }
}
