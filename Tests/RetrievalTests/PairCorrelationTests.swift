import Retrieval
import Testing

@Suite("Correlations of pairs")
struct PairCorrelationTests {
    @Test("are scipy's")
    func scipy() {
        // scipy 1.17: spearmanr, pearsonr, on float32 values.
        let found = PairCorrelation(
            cosines: [0.1, 0.5, 0.5, -0.2, 0.9, 0.33, 0.1, 0.1], scores: [0, 1, 0.5, 0, 1, 0.25, -0.5, 0.25])
        #expect(abs(found.spearman - 0.8688178790484297) < 1e-12)
        #expect(abs(found.pearson - 0.8012691584660359) < 1e-12)
        #expect(abs(found.meanSquaredError - 0.08736250121220956) < 1e-12)
        #expect(found.pairs == 8)
    }

    @Test("are 0 where nothing varies")
    func constant() {
        let found = PairCorrelation(cosines: [0.5, 0.5], scores: [0, 1])
        #expect(found.spearman == 0 && found.pearson == 0)
        #expect(PairCorrelation(cosines: [], scores: []).pairs == 0)
    }
}
