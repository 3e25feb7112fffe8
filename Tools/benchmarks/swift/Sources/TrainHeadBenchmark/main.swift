// The measured half of Tools/benchmarks/train-head.
//
//     TrainHeadBenchmark FEATURES.npy LABELS.npy HEAD.safetensors BATCHES.npy LOSS PRECISION LEARNING-RATE
//
// Trains the head on the batches, rows of the features, again and again, one step a batch. Each line on standard input is a
// number of steps; the answer on standard output is `seconds S` and the losses of the steps.
import Foundation
import Measuring
import MetricLearning
import Tensors

/// A fixed list of batches, gone through in order.
struct Batches {
    private let features: Matrix
    private let labels: [Int]
    private let rows: [[Int]]
    private var next = 0

    init(features: String, labels: String, batches: String) throws {
        func array(_ path: String) throws -> NumPyFile.Array {
            try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: path)))
        }
        let (values, classes, numbers) = (try array(features), try array(labels), try array(batches))
        self.features = Matrix(rows: values.shape[0], columns: values.shape[1], elements: values.elements)
        self.labels = classes.elements.map { Int($0) }
        let size = numbers.shape[1]
        rows = (0..<numbers.shape[0]).map { row in numbers.elements[row * size..<(row + 1) * size].map { Int($0) } }
    }

    mutating func batch() -> (features: Matrix, labels: [Int]) {
        defer { next = (next + 1) % rows.count }
        return (features.rows(at: rows[next]), rows[next].map { labels[$0] })
    }
}

func loss(_ name: String, dimension: Int) throws -> any MetricLoss {
    try LossCatalog.loss(ComponentDescription(parsing: name), classes: 1, dimension: dimension, seed: 0)
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 7 else { fatalError("seven arguments, not \(arguments.count)") }
let words = Array(arguments)
var batches = try Batches(features: words[0], labels: words[1], batches: words[3])
let head = try HeadFile(path: words[2]).head
guard let precision = TrainingPrecision(rawValue: words[5]), let rate = Double(words[6]) else {
    fatalError("no precision \(words[5]), or no learning rate \(words[6])")
}
let optimizer = Adam(learningRate: rate)
var state = TrainingState(
    head: head, loss: try loss(words[4], dimension: head.outputDimension), optimizer: optimizer, precision: precision)
while let line = readLine() {
    guard let steps = Int(line) else { fatalError("no number of steps: \(line)") }
    let start = ContinuousClock.now
    let losses = try (0..<steps).map { _ in
        let batch = batches.batch()
        return try state.step(features: batch.features, labels: batch.labels)
    }
    print("seconds \(elapsed(since: start)) \(losses.map { "\($0)" }.joined(separator: " "))")
    fflush(nil)
}
