import GoldenData
import Tensors
import Testing

@testable import MetricLearning

@Suite("Miners")
struct MinerReferenceTests {
    @Test(
        "choose what pytorch-metric-learning's choose",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let inputs: ReferenceInputs = try GoldenData.json("metric-learning/inputs.json")
        let golden: ReferenceMiners = try GoldenData.json("metric-learning/miners.json")
        #expect(golden.cases.count == 63)
        for item in golden.cases {
            let batch = try #require(inputs.inputs[item.input])
            let mined = try MinerCatalog.miner(item.miner.description)
                .mine(embeddings: batch.x.matrix, labels: batch.y)
            switch (mined, item.tuples) {
            case (.triplets(let found), .triplets(let expected)):
                #expect(
                    found.count == expected.count && Set(found) == Set(expected),
                    "\(item.miner.description) on \(item.input)")
            case (.pairs(let near, let far), .pairs(let expectedNear, let expectedFar)):
                #expect(
                    near.count == expectedNear.count && Set(near) == Set(expectedNear)
                        && far.count == expectedFar.count && Set(far) == Set(expectedFar),
                    "\(item.miner.description) on \(item.input)")
            default: Issue.record("\(item.miner.description) gives another kind of tuples")
            }
        }
    }

    /// Every miner with its defaults, and some with more.
    static let all: [any Miner] = {
        let texts = [
            "TripletMarginMiner", "TripletMarginMiner(type_of_triplets=semihard)", "BatchHardMiner",
            "BatchEasyHardMiner",
            "BatchEasyHardMiner(pos_strategy=semihard, neg_strategy=hard)", "MultiSimilarityMiner", "PairMarginMiner",
            "PairMarginMiner(distance=CosineSimilarity)",
        ]
        return texts.compactMap { try? MinerCatalog.miner(ComponentDescription(parsing: $0)) }
    }()

    @Test("find nothing to compare in one class, in classes of one picture, and in one picture", arguments: 0..<8)
    func nothing(number: Int) {
        let miner = Self.all[number]
        for labels in [[1, 1, 1], [0, 1, 2], [4]] {
            let mined = miner.mine(embeddings: .random(labels.count, 4, seed: 1), labels: labels)
            #expect(mined.triplets.isEmpty)
        }
    }

    @Test("choose the first of equals, and the same again", arguments: 0..<8)
    func ties(number: Int) {
        let miner = Self.all[number]
        let embeddings = Matrix(rows: 8, columns: 2, elements: [1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1])
        let labels = [0, 0, 1, 1, 0, 0, 1, 1]
        #expect(
            miner.mine(embeddings: embeddings, labels: labels) == miner.mine(embeddings: embeddings, labels: labels))
        guard miner is BatchHardMiner else { return }
        let first = Triplet(anchor: 0, positive: 4, negative: 2)
        #expect(miner.mine(embeddings: embeddings, labels: labels).triplets.first == first)
    }

    @Test("a positive side and a negative side that both wait for the other are refused")
    func refusals() {
        for (near, far) in [("semihard", "semihard"), ("semihard", "all"), ("all", "semihard")] {
            let text = "BatchEasyHardMiner(pos_strategy=\(near), neg_strategy=\(far))"
            #expect(throws: InputError.self) { try MinerCatalog.miner(ComponentDescription(parsing: text)) }
        }
        for text in ["HardMiner", "BatchHardMiner(margin=1)", "TripletMarginMiner(type_of_triplets=harder)"] {
            #expect(throws: InputError.self) { try MinerCatalog.miner(ComponentDescription(parsing: text)) }
        }
    }
}
