"""The ops that a model from a stranger may hold: they compute, and touch nothing else.

None reads or writes a file, opens a connection, calls Python, takes code of its own, or shows what
was left in memory (`Empty` does). The list was made from what the exports of every recipe hold,
with each cell of the family, which tests/export/test_safety.py checks; and from what cells of one's
own may need beside.
"""

__all__ = ["ALLOWED", "SAVER"]

SAVER = frozenset({"MergeV2Checkpoints", "RestoreV2", "SaveV2", "ShardedFilename"})
"""The ops that read and write the weights; `safety` says where they may stand."""

_EXPORTED = """
Add AddV2 All Any ArgMax Assert AssignVariableOp BatchMatMulV2 BiasAdd BitwiseAnd BitwiseXor
BlockLSTMV2 BroadcastTo Case Cast ConcatV2 Const CudnnRNNV3 Cumprod Cumsum DenseBincount
DeviceIndex DisableCopyOnRead Einsum EnsureShape Equal Exp ExpandDims Fill FloorDiv FloorMod
GatherNd GatherV2 Greater GreaterEqual HashTableV2 Identity IdentityN If InvertPermutation
LeftShift Less LessEqual LogSoftmax LogicalAnd LogicalNot LogicalOr LookupTableFindV2
LookupTableImportV2 LowerBound MatMul Max Maximum Mean Min Minimum Mul Neg NoOp NotEqual OnesLike
Pack Pad PadV2 PartitionedCall Placeholder Prod RaggedTensorToTensor Range ReadVariableOp RealDiv
ReduceJoin Reshape ReverseV2 RightShift Rsqrt ScatterNd SegmentMax SegmentSum Select SelectV2
Shape Sigmoid Size Softmax Softplus SparseSoftmaxCrossEntropyWithLogits Split SplitV Sqrt
SquaredDifference Squeeze StatefulPartitionedCall StatelessCase StatelessIf StatelessMultinomial
StatelessWhile StaticRegexFullMatch StaticRegexReplace StopGradient StridedSlice StringJoin
StringLength Sub Substr Sum Tanh TensorListConcatV2 TensorListFromTensor TensorListGetItem
TensorListReserve TensorListSetItem TensorListStack Tile TopKV2 Transpose UnicodeDecode Unpack
UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentSum VarHandleOp Where While ZerosLike
"""

_MATHEMATICS = """
Abs AccumulateNV2 Acos Acosh AddN Angle ApproximateEqual ArgMin Asin Asinh Atan Atan2 Atanh
BatchMatMul BatchMatMulV3 Betainc Bincount BitwiseOr Bucketize Ceil Cholesky ClipByValue Cos Cosh
Cross CumulativeLogsumexp Diag DiagPart Digamma Div DivNoNan Erf Erfc Erfinv Expm1 FFT FFT2D Floor
IFFT IRFFT Igamma Igammac Inv Invert IsFinite IsInf IsNan L2Loss LRN Lgamma LinSpace Log Log1p
LogMatrixDeterminant MatrixBandPart MatrixDeterminant MatrixDiagPartV3 MatrixDiagV3 MatrixInverse
MatrixSetDiagV3 MatrixSolve MatrixTriangularSolve Mod MulNoNan Ndtri NextAfter OneHot
PopulationCount Pow Qr RFFT Rank Reciprocal Rint Round SegmentMean SegmentMin SegmentProd
SelfAdjointEigV2 Sign Sin Sinh SparseMatMul Square Svd Tan TruncateDiv TruncateMod
UnsortedSegmentProd Xdivy Xlog1py Xlogy Zeta
"""

_NETWORKS = """
AvgPool AvgPool3D Conv2D Conv3D CudnnRNN CudnnRNNCanonicalToParamsV2 CudnnRNNV2
DepthwiseConv2dNative Dilation2D Elu FusedBatchNormV3 GRUBlockCell InTopK InTopKV2 LSTMBlockCell
LeakyRelu MaxPool MaxPool3D MaxPoolV2 Relu Relu6 Selu SoftmaxCrossEntropyWithLogits Softsign TopK
"""

_ARRAYS = """
BatchToSpaceND BroadcastArgs BroadcastGradientArgs CheckNumerics Concat ConcatOffset
DynamicPartition DynamicStitch EditDistance EmptyTensorList ExtractImagePatches Gather
MirrorPad ParallelDynamicStitch PlaceholderWithDefault PreventGradient RaggedGather RaggedRange
RaggedTensorFromVariant RaggedTensorToSparse RaggedTensorToVariant ResourceGather ResourceGatherNd
Reverse ReverseSequence Roll ScatterNdNonAliasingAdd ShapeN Slice SpaceToBatchND SparseConcat
SparseReorder SparseReshape SparseSlice SparseTensorDenseMatMul SparseToDense StridedSliceGrad
TensorListConcat TensorListConcatLists TensorListElementShape TensorListGather TensorListLength
TensorListPopBack TensorListPushBack TensorListPushBackBatch TensorListResize TensorListScatter
TensorListScatterIntoExistingList TensorListScatterV2 TensorListSplit TensorScatterAdd
TensorScatterMax TensorScatterMin TensorScatterSub TensorScatterUpdate TensorStridedSliceUpdate
Unique UniqueV2 UniqueWithCounts UniqueWithCountsV2 UpperBound VariableShape
"""

_TEXT = """
AsString RegexFullMatch RegexReplace StringFormat StringLower StringNGrams StringSplitV2
StringStrip StringToHashBucketFast StringToHashBucketStrong StringToNumber StringUpper
UnicodeDecodeWithOffsets UnicodeEncode UnicodeScript UnicodeTranscode UnsortedSegmentJoin
"""

_CHANCE = """
RandomShuffle RandomStandardNormal RandomUniform RandomUniformInt StatelessRandomBinomial
StatelessRandomGammaV2 StatelessRandomGetAlg StatelessRandomGetKeyCounter StatelessRandomNormal
StatelessRandomNormalV2 StatelessRandomPoisson StatelessRandomUniform StatelessRandomUniformInt
StatelessRandomUniformIntV2 StatelessRandomUniformV2 StatelessShuffle StatelessTruncatedNormal
StatelessTruncatedNormalV2 TruncatedNormal
"""

_FLOW = """
AssignAddVariableOp AssignSubVariableOp DestroyResourceOp LookupTableExportV2 LookupTableSizeV2
VarIsInitializedOp
"""

ALLOWED = frozenset(
    " ".join((_EXPORTED, _MATHEMATICS, _NETWORKS, _ARRAYS, _TEXT, _CHANCE, _FLOW)).split()
)
"""The names of all but the saver's."""
