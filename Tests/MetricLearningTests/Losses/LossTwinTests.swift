import Tensors
import Testing

@testable import MetricLearning

@Suite("Losses have their papers' values and the derivatives of finite differences")
struct LossTwinTests {
    private static let labels = [0, 1, 0, 2, 1, 1, 2, 0, 3, 4, 4]
    private static let classes = 5

    typealias Twin = @Sendable (NaiveLosses, _ x: [[Double]], _ w: [[Double]], _ base: [[Double]]) -> Double

    static let twins: [(name: String, twin: Twin)] = [
        ("ContrastiveLoss", { twin, x, _, _ in twin.contrastive(x) }),
        ("ContrastiveLoss(pos_margin=0.3, neg_margin=1.2)", { twin, x, _, _ in twin.contrastive(x, 0.3, 1.2) }),
        ("MultiSimilarityLoss", { twin, x, _, _ in twin.multiSimilarity(x) }),
        ("NTXentLoss", { twin, x, _, _ in twin.ntXent(x) }),
        ("SupConLoss", { twin, x, _, _ in twin.supCon(x) }),
        ("CircleLoss", { twin, x, _, base in twin.circle(x, base: base) }),
        ("ArcFaceLoss", { twin, x, w, _ in twin.angularMargin(x, w) }),
        ("SubCenterArcFaceLoss", { twin, x, w, _ in twin.angularMargin(x, w, centers: 3) }),
        ("CosFaceLoss", { twin, x, w, _ in twin.cosineMargin(x, w) }),
        ("NormalizedSoftmaxLoss", { twin, x, w, _ in twin.normalizedSoftmax(x, w) }),
        ("ProxyAnchorLoss", { twin, x, w, _ in twin.proxyAnchor(x, w) }),
        ("ProxyNCALoss", { twin, x, w, _ in twin.proxyNCA(x, w) }),
        ("SoftTripleLoss", { twin, x, w, _ in twin.softTriple(x, w) }),
    ]

    @Test("of embeddings and of the loss's own weights", arguments: twins.indices)
    func twin(number: Int) throws {
        let (name, twin) = Self.twins[number]
        let embeddings = Matrix.random(Self.labels.count, 6, seed: 51)
        var loss = try LossCatalog.loss(
            ComponentDescription(parsing: name), classes: Self.classes, dimension: 6, seed: 7)
        let naive = NaiveLosses(labels: Self.labels)
        let (x, w) = (embeddings.doubles, loss.parameters.first?.doubles ?? [])
        let found = loss.evaluate(embeddings: embeddings, labels: Self.labels, tuples: nil)
        expectClose([found.value], [twin(naive, x, w, x)], name)
        let gradient = finiteDifferences(at: x, step: 1e-6) { twin(naive, $0, w, x) }
        expectClose(found.gradient.elements, gradient, absolute: 2e-4, name)
        guard !w.isEmpty else { return }
        let byWeights = finiteDifferences(at: w, step: 1e-6) { twin(naive, x, $0, x) }
        expectClose(found.parameterGradients[0].elements, byWeights, absolute: 2e-4, "weights of \(name)")
        #expect(found == loss.evaluate(embeddings: embeddings, labels: Self.labels, tuples: nil))
    }

    private static var everyLoss: [String] { LossCatalog.entries.map(\.name) }

    @Test("A batch with nothing to compare has a finite loss, over pairs 0 or without positives", arguments: everyLoss)
    func nothingToCompare(name: String) throws {
        for labels in [[1, 1, 1], [0, 1, 2]] {
            var loss = try LossCatalog.loss(ComponentDescription(name), classes: 3, dimension: 4, seed: 1)
            let found = loss.evaluate(embeddings: .random(3, 4, seed: 2), labels: labels, tuples: nil)
            #expect(found.value.isFinite && found.gradient.elements.allSatisfy { $0.isFinite })
            if ["TripletMarginLoss", "NTXentLoss", "SupConLoss", "CircleLoss"].contains(name) {
                #expect(found.value == 0 && found.gradient.elements.allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("Equal embeddings, and ones of length 0, have finite losses and derivatives", arguments: everyLoss)
    func degenerate(name: String) throws {
        for value in [Float(0.5), 0] {
            var loss = try LossCatalog.loss(ComponentDescription(name), classes: 2, dimension: 3, seed: 1)
            let found = loss.evaluate(
                embeddings: Matrix(rows: 4, columns: 3, repeating: value), labels: [0, 0, 1, 1], tuples: nil)
            #expect(found.value.isFinite)
            if value > 0 { #expect(found.gradient.elements.allSatisfy { $0.isFinite }) }
        }
    }

    @Test("Weights are drawn by the seed and as the original draws them")
    func initialization() throws {
        func weights(_ name: String, _ seed: UInt64) throws -> Matrix {
            try LossCatalog.loss(ComponentDescription(name), classes: 40, dimension: 50, seed: seed).parameters[0]
        }
        func deviation(_ matrix: Matrix) -> Float {
            (matrix.elements.reduce(0) { $0 + $1 * $1 } / Float(matrix.elements.count)).squareRoot()
        }
        #expect(try weights("ArcFaceLoss", 1) == weights("ArcFaceLoss", 1))
        #expect(try weights("ArcFaceLoss", 1) != weights("ArcFaceLoss", 2))
        #expect(try abs(deviation(weights("ArcFaceLoss", 1)) - 1) < 0.05)
        #expect(try abs(deviation(weights("ProxyAnchorLoss", 1)) - (2.0 / 40).squareRoot()) < 0.02)
        #expect(try weights("SoftTripleLoss", 1).elements.allSatisfy { abs($0) <= 0.05001 })
        #expect(try weights("SoftTripleLoss", 1).rows == 400 && weights("SubCenterArcFaceLoss", 1).rows == 120)
    }

    @Test("Unknown losses and settings, and values out of range, are refused")
    func refusals() {
        for text in [
            "HingeLoss", "SupConLoss(margin=1)", "SupConLoss(temperature=0)", "SupConLoss(temperature=true)",
            "ContrastiveLoss(distance=L1)", "ContrastiveLoss(reducer=MaxReducer)", "ArcFaceLoss(margin=200)",
            "CrossBatchMemory(loss=ArcFaceLoss)", "CrossBatchMemory(loss=TripletMarginLoss(swap=true))",
            "CrossBatchMemory(memory_size=1.5)", "CrossBatchMemory(miner=BestMiner)",
            "SoftTripleLoss(centers_per_class=0)",
        ] {
            #expect(throws: InputError.self) {
                try LossCatalog.loss(ComponentDescription(parsing: text), classes: 2, dimension: 2, seed: 0)
            }
        }
        let error = #expect(throws: InputError.self) {
            try LossCatalog.loss(ComponentDescription("HingeLoss"), classes: 2, dimension: 2, seed: 0)
        }
        #expect(error?.remedy.contains("SupConLoss") == true)
    }
}
