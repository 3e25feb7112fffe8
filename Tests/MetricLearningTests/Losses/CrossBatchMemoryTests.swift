import Tensors
import Testing

@testable import MetricLearning

@Suite("A memory of earlier batches")
struct CrossBatchMemoryTests {
    private func step(_ memory: inout CrossBatchMemory, _ number: Int) -> LossEvaluation {
        memory.evaluate(
            embeddings: .random(6, 4, seed: UInt64(number)), labels: [0, 0, 1, 1, number, number], tuples: nil)
    }

    @Test("the first batch alone has the loss of a batch", arguments: ["ContrastiveLoss", "SupConLoss", "NTXentLoss"])
    func firstBatch(name: String) throws {
        let loss = try LossCatalog.loss(ComponentDescription(name), classes: 1, dimension: 1, seed: 0)
        let pairs = try #require(loss as? any PairLoss)
        var memory = try CrossBatchMemory(pairs, size: 20)
        var plain = loss
        let embeddings = Matrix.random(6, 4, seed: 1)
        let found = memory.evaluate(embeddings: embeddings, labels: [0, 0, 1, 1, 2, 2], tuples: nil)
        let expected = plain.evaluate(embeddings: embeddings, labels: [0, 0, 1, 1, 2, 2], tuples: nil)
        expectClose([found.value], [Double(expected.value)], relative: 1e-6)
    }

    @Test("its miner looks for other positives than a row's own copy")
    func easyPositives() throws {
        var memory = try CrossBatchMemory(ContrastiveLoss(), size: 20, miner: BatchEasyHardMiner(negatives: .hard))
        let embeddings = Matrix.random(6, 4, seed: 1)
        let found = memory.evaluate(embeddings: embeddings, labels: [0, 0, 0, 1, 1, 1], tuples: nil)
        let tuples = try BatchEasyHardMiner(negatives: .hard).mine(embeddings: embeddings, labels: [0, 0, 0, 1, 1, 1])
        var plain: any MetricLoss = ContrastiveLoss()
        let expected = plain.evaluate(embeddings: embeddings, labels: [0, 0, 0, 1, 1, 1], tuples: tuples)
        #expect(found.value > 0)
        expectClose([found.value], [Double(expected.value)], relative: 1e-6)
    }

    @Test("goes on from what another one remembered", arguments: [8, 20])
    func restoring(size: Int) throws {
        var memory = try CrossBatchMemory(ContrastiveLoss(), size: size)
        for number in 0..<3 { _ = step(&memory, number) }
        var other = try CrossBatchMemory(ContrastiveLoss(), size: size)
        try other.restore(memory.memory)
        for number in 3..<6 { #expect(step(&memory, number) == step(&other, number)) }
        #expect(memory.memory == other.memory)
        try other.restore(nil)
        #expect(other.memory == nil)
    }

    @Test("refuses what does not fit")
    func refusals() throws {
        var memory = try CrossBatchMemory(ContrastiveLoss(), size: 4)
        let rows = Matrix(rows: 5, columns: 2)
        #expect(throws: InputError.self) {
            try memory.restore(LossMemory(embeddings: rows, labels: [0, 0, 0, 0, 0], next: 0))
        }
        #expect(throws: InputError.self) {
            try memory.restore(LossMemory(embeddings: rows.rows(in: 0..<2), labels: [0], next: 0))
        }
        #expect(throws: InputError.self) {
            try memory.restore(LossMemory(embeddings: rows.rows(in: 0..<1), labels: [0], next: 4))
        }
        #expect(throws: InputError.self) { try CrossBatchMemory(TripletMarginLoss(swap: true)) }
    }
}
