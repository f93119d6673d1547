"""Letter triples common in English and other languages of the Latin script; facts, counted once.

A block holds two letters and all third ones that often follow; `_` is the edge of a word. Counted over
the project's own English and multilingual training texts.
"""

__all__ = ["TRIGRAMS"]

TRIGRAMS = """
_a_abcdfghiklmnoprstuvwz _b_aeiloruy _c_aehilorsuvz _d_aeioruvz _e_aceiklmnorstuvx _f_aeiloru
_g_aeinoruy _h_aeiotuvy _i_cdfghklmnrst _jaeiosu _k_aehilnou _l_aeilou _m_aeinopsuy _n_aeghiouy
_o_abcdfgiklmnprstuvwz _p_aehiloruy _q_u _r_aeiouy _s_acehiklmoprtuvwyz _t_aehioruwy _u_bdijmnoprstuyz
_v_aeiosuy _w_aehiorsy _x_o _y_aehor _z_aeiouw aa_alnrt ab_aelors ac_acehiktz ad_adeilmorstvy aen afefst
ag_aeiry ah_elo ai_dlnrstv aj_aei ak_aeisu al_aefiklostuw am_aeilmopu an_acdefghiknostuy ao_ ap_acehijpt
ar_abcdegiklmnorstyz as_aehikopstuz at_acehikostu au_dfglst av_aei aw_a ax_ ay_amst az_ai ba_chklnorst
bbi be_abcdefghlnrstyz bi_cjlnrst bje blaeiou boadeostuvx braeiou bs_ bu_ilstuy by_ ca_bdklmnoprstu
ccaeio ce_adiklmnprsv ch_aceinortu ci_adejnopst ck_aes claeiou cmi co_abdlmnoprsuv creio cs_aiov
ct_eilorsu cu_amprst cv_ cy_c cz_beny da_ghjklmnrsty dd_elr de_acdfijlmnprstvx dge di_acdefgklnrsty dley
dmi do_cdenorw dpo draeiou ds_ dt_ du_clnrt dy_ dzi ea_cdklmnprstvz eb_eou ecaehikmortuz ed_einsz
ee_dfklmnprst ef_aeotu eg_aeinosuy ehir ei_bgnrt ej_lt ek_aeikls el_adefhilopstuy em_abeiopsu
en_acdeginstuvyz eo_np ep_aelost equ er_abcdefgiklmnorstuvy es_acdehiklopstuz et_aehirstuwyz eu_mrx
evaei ew_aes ex_acipt ey_s ez_ facilrstu fe_ceijlr ff_ei ficdefglnrvx flao foglrsuz fraeio fse ft_e
fulns ga_ilmnrty ge_cdelnrst ggei gh_bet gi_anorstuv gka glei gn_eo go_enort graeio gs_z gt_ guaeinors
gy_ae ha_cdgiklnprstvy hbo hce he_acdeijlmnrsty hi_abcdelnprst hka hlae hny ho_adgijlmnoprstuw hraeio
hs_ ht_est hu_acenrty hvao hy_v ia_blnorty ib_aeilr ic_aehikostyz id_adego ie_cdklmnrstuw if_efit
ig_ehnrtu ih_r ii_t ij_dfn ik_aeikoy il_adeilosty im_aeimopy in_acdefghijknopstuv io_nru ip_epst
ir_adehijmost is_acehilopstz it_acehilostuy iu_n iv_aeio ix_e iyeo iz_ai ja_cgknw je_cgnrs jfe jl_ jn_
jobi jte julns ka_adeilmnprstyz ke_deilmnprsty khao ki_ceiklnprst kkaeiu kl_aeo kno ko_gknrsw kri ks_ei
kt_ ku_lnrsu ky_ la_abcdghikmnrstuy ld_aeors le_acdefgjkmnrstuvy lf_ lge li_acdefgklmnstv lj_ lk_ao
ll_aeiosuy lm_a lo_acgiknoprstuvwy lp_ ls_eo lt_ehs lu_deikmntv lvae lwa ly_d ma_acdgiklnprsty mbe
me_abdegmnorstu mi_adegjklnrstz ml_ae mmaei mni mo_diknrstuvw mp_aelot ms_ mu_ackls my_
na_adgijlmnoprstuy ncaehilt nd_aeilost ne_cdeiklmnrstuvwx nfaio ng_aeghiklrstu nh_aeiu ni_acegknostz nje
nk_es nloy nn_eios no_binorstvw npu nra ns_eiltw nt_aehiorsuw nu_aemot nveio ny_at nza oadnrt ob_aeiorsu
oc_aehkst od_aeopuy oe_nrs of_f og_iy oi_cknst oj_ ok_aeisu ol_adegilmou om_aemops on_acdefgilnorstuv
oo_dfklmnrst op_eilprs or_abcdegikmnrstuy os_aeilostz ot_aehiostw ou_glnprstv ovaeio ow_aeilns ox_
oz_goz pa_acgiknprsty pcs pda pe_acdelnorst ph_aioru pi_cenrs pja plaeiouy po_diklnrstuvw pp_elor
praeioz ps_ pt_eisy pubenrt py_t quaeioy ra_acdfgiklmnoprstuvwz rbeio rcaehi rd_aeirsu
re_acdefgilmnpqstuvw rgaeo rhe ri_abcdefgjklmnopstvz rk_eis rlaeiy rm_aeis rn_aeis ro_abdiklmnoprstuvw
rraeioy rs_eiot rt_aehinsy ru_ceghilnost rvaei ry_t rzey sa_afgijlmnotuy sc_ahioru sd_a
se_abcdegklmnprstuv sh_aeio si_abcdefghlmnostxz sk_aeirs slaeiou sma sn_ so_iklmnru spaeiou sre
ss_aeiouwz st_aeikorsu su_abcdgklmnpr sv_ai sweio sy_ns sz_aceioty ta_abcfijklnrsty tch
te_adeiklmnprstuxy th_aeiorsu ti_acdeiklmnorstv tkaeiou tley tnei to_bcdiklmnoprstuw tpsu traeiouyz
ts_de tt_aeilnopuy tu_adeklnprsu tweio ty_lps tzet ua_lnr ubejl uc_eht udaei ue_lnsv uf_ ug_eghu uho
ui_cdlst uj_ uk_ks ul_adeiltuvy um_abem un_acdegilnstu uocitv up_dpsu ur_adegilnorstu us_ehilstuy
ut_aehinopstu uu_rst uvaeu uw_e ux_ uy_ae uz_ va_dilmnoprst ve_adlnrsz vi_acdenorst vni vo_cilmort vre
vse vueot vymp waabcijlnrsty we_abdegilnr whaeioy wiacelnst wn_ei wo_oru wrio ws_z wys xacm xiu xpelo
xt_e ya_nprsz ybo ycl ye_ans yht ylek ym_e yolnru ype yri ys_ty yt_ht yva za_ahkmpsv zby zcz zde ze_dnrs
zge zi_aeov zni zolnt zte zy_st
"""
